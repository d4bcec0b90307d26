/**
 * Children of a test are started as a user would start them. Tap adds NODE_OPTIONS to every child's environment, whatever it was
 * given, and with it handlers of its own for SIGXFSZ, SIGALRM and all other signals: these change how a process ends.
 */
interface Started {
  env: NodeJS.ProcessEnv;
}

/** Of the package by which tap does it; not there where a test runs without tap. */
const hooks = (globalThis as Record<symbol, unknown>)[Symbol.for('process-on-spawn@*:singletonId')] as
  | { readonly listeners: ((started: Started) => void)[] }
  | undefined;

hooks?.listeners.push((started) => {
  const { NODE_OPTIONS, ...env } = started.env;
  const own = (NODE_OPTIONS ?? '').replace(/"?--(import|require|loader)=[^"\s]*@tapjs[^"\s]*"?/g, '').trim();
  started.env = own === '' ? env : { ...env, NODE_OPTIONS: own };
});
