// What IAM decides, by iam-simulate:  simulate.mjs DIRECTORY < {"policies": {name: document}, "requests": [...]}
// Prints a list: "Allowed", "ImplicitlyDenied", "ExplicitlyDenied", or "invalid: WHY" for a request that AWS does not know.
// A list of such objects is answered by a list of such lists.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { runSimulation } = createRequire(`${process.argv[2]}/x.js`)('@cloud-copilot/iam-simulate');
const input = JSON.parse(readFileSync(0, 'utf8'));

async function decide(identityPolicies, { action, resource, principal, context }) {
  const answer = await runSimulation({
    identityPolicies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    request: {
      action, principal, resource: { resource, accountId: principal.split(':')[4] }, contextVariables: context ?? {},
    },
  }, {});
  if (answer.resultType === 'error') return `invalid: ${JSON.stringify(answer.errors)}`;
  return (answer.overallResult ?? answer.result?.evaluationResult ?? answer.analysis?.result ?? JSON.stringify(answer)).toString();
}

async function decideAll({ policies, requests }) {
  const identityPolicies = Object.entries(policies).map(([name, policy]) => ({ name, policy }));
  const decisions = [];
  for (const request of requests) decisions.push(await decide(identityPolicies, request));
  return decisions;
}

const answers = [];
for (const job of Array.isArray(input) ? input : [input]) answers.push(await decideAll(job));
process.stdout.write(JSON.stringify(Array.isArray(input) ? answers : answers[0]));
