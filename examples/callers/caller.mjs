// Runs untrusted scripts in the deployed sandbox, one call each:  node caller.mjs FUNCTION SCRIPT...
//
// As caller.py beside it: no retries, a timeout above the function's own, and a script that failed is not a call that failed.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const SECONDS = 30; // the timeout of sandbox.yaml
const SCRIPT = new Set(['syntax', 'exception', 'exit', 'timeout', 'memory', 'output_limit', 'signal', 'result_not_json',
  'result_too_large', 'sandbox_denied']);

export class ScriptFailed extends Error {
  constructor(error) { super(`${error.kind}: ${error.message ?? ''}`); this.error = error; }
}

export class CallFailed extends Error {
  constructor(message, again = false) { super(message); this.again = again; }
}

// A function of { FunctionName, Payload, TenantId } to { FunctionError, Payload }, by AWS's SDK.
export async function sdk() {
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: (SECONDS + 10) * 1000, connectionTimeout: 5000 } });
  return (input) => client.send(new InvokeCommand(input));
}

export async function runScript(invoke, FunctionName, script, input = null, TenantId = undefined) {
  let reply;
  try {
    reply = await invoke({ FunctionName, TenantId, Payload: JSON.stringify({ script, input }) });
  } catch (error) {
    // Throttled: nothing has run. Whatever else: not allowed, no such function, or no answer, and then the script may have run.
    const throttled = error.name === 'TooManyRequestsException';
    throw new CallFailed(throttled ? 'throttled' : `${error.name}: ${error.message}`, throttled);
  }
  const payload = JSON.parse(Buffer.from(reply.Payload).toString());
  if (reply.FunctionError) throw new CallFailed(`the function failed: ${payload.errorMessage ?? ''}`, true);
  const { ok, result, error } = JSON.parse(payload.body);
  if (ok) return result;
  if (SCRIPT.has(error.kind)) throw new ScriptFailed(error);
  throw new CallFailed(`${error.kind}: ${error.message}`, error.kind === 'internal'); // bad_request, internal
}

// { result } or { error } of each script, in order; at most `atOnce` of them run side by side.
export async function runAll(invoke, FunctionName, scripts, atOnce = 10) {
  const answers = new Array(scripts.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < scripts.length; i = next++) {
      answers[i] = await runScript(invoke, FunctionName, scripts[i]).then((result) => ({ result }), (error) => ({ error }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const scripts = await Promise.all(process.argv.slice(3).map((path) => readFile(path, 'utf8')));
  for (const { result, error } of await runAll(await sdk(), process.argv[2], scripts)) {
    console.log(JSON.stringify({ result: result ?? null, error: error ? String(error.message) : null }));
  }
}
