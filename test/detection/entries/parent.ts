import { analyzerPool } from '../../../services/detection/analyzer-pool.ts';
import type { Log } from '../../../services/domain/context.ts';

/** A worker to be killed: starts one analysis that never ends, and says the pid of its child. */
const [entry = '', id = ''] = process.argv.slice(2);
const log: Log = {
  info: (event, fields) => {
    if (event === 'analyzer.started') console.log(`child ${fields?.pid}`);
  },
  warn: () => {},
  error: () => {},
  child: () => log,
};
const pool = analyzerPool({ size: 1, deadlineSeconds: 600, memoryMb: 2000, threads: 1, entry, log });
await pool.analyze(
  { id, modelDirectory: '/', modelHash: '0'.repeat(64), inputs: [] },
  new AbortController().signal,
  () => {},
);
