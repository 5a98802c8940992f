// What IAM decides, by iam-simulate:  simulate.mjs DIRECTORY < {"policies": {name: document}, "requests": [...]}
// Prints a list: "Allowed", "ImplicitlyDenied", "ExplicitlyDenied", or "invalid: WHY" for a request that AWS does not know.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { runSimulation } = createRequire(`${process.argv[2]}/x.js`)('@cloud-copilot/iam-simulate');
const { policies, requests } = JSON.parse(readFileSync(0, 'utf8'));
const identityPolicies = Object.entries(policies).map(([name, policy]) => ({ name, policy }));

async function decide({ action, resource, principal, context }) {
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

const decisions = [];
for (const request of requests) decisions.push(await decide(request));
process.stdout.write(JSON.stringify(decisions));
