/**
 * zod probes for `eval` when it first builds an object parser; under our Content-Security-Policy the browser would
 * report that probe as a violation. Must be imported before any schema.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
