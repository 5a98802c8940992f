// What IAM decides, by iam-simulate:  simulate.mjs DIRECTORY < {"policies": {name: document}, "requests": [...]}
// Prints a list: "Allowed", "ImplicitlyDenied", "ExplicitlyDenied", or "invalid: WHY" for a request that AWS does not know.
// A list of such objects is answered by a list of such lists.
// A request's "resourcePolicy" is that of its resource.  With "catalogue": false it is evaluated as it stands, whether or not AWS
// has such an action, resource and condition key today.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const packages = createRequire(`${process.argv[2]}/x.js`);
const { runSimulation, runUnsafeSimulation } = packages('@cloud-copilot/iam-simulate');
const { createValidatedPolicy } = packages('@cloud-copilot/iam-policy');
const input = JSON.parse(readFileSync(0, 'utf8'));

async function decide(identityPolicies, { action, resource, principal, context, resourcePolicy, catalogue }) {
  const simulation = {
    identityPolicies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy,
    request: {
      action, principal, resource: { resource, accountId: principal.split(':')[4] }, contextVariables: context ?? {},
    },
  };
  let answer;
  try {
    if (catalogue === false) {
      // Without the checks it takes a resource's policy only with a name.
      if (resourcePolicy) simulation.resourcePolicy = createValidatedPolicy(resourcePolicy, () => [], { name: 'resource' });
      return runUnsafeSimulation(simulation, {});
    }
    answer = await runSimulation(simulation, {});
  } catch (error) {
    return `invalid: ${error.message}`;
  }
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
