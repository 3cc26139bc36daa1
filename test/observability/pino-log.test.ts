import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Fields } from '../../services/domain/context.ts';
import { AppError } from '../../services/domain/errors.ts';
import { pinoLog } from '../../services/observability/pino-log.ts';

const CANARY = 'CANARY^PATIENT^1234567';

/** A log that keeps its lines; every line must be one JSON object. */
function kept(level: 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info') {
  const lines: string[] = [];
  const log = pinoLog(level, 'web', { write: (line) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') };
}

it('a line is one JSON object with time, level, role, event and the fields', () => {
  const { log, last } = kept();
  log.info('series.complete', { SeriesInstanceUID: '1.2.3', instances: 133, released: true });
  expect(last()).toMatchObject({
    level: 'info',
    role: 'web',
    event: 'series.complete',
    pid: process.pid,
    SeriesInstanceUID: '1.2.3',
    instances: 133,
    released: true,
  });
  expect(Date.parse(last().time)).toBeCloseTo(Date.now(), -4);
});

it('a child adds its fields to every line', () => {
  const { log, last } = kept();
  log.child({ runId: 'r1' }).child({ StudyInstanceUID: '1.2' }).warn('run.late', { seconds: 3 });
  expect(last()).toMatchObject({ level: 'warn', runId: 'r1', StudyInstanceUID: '1.2', seconds: 3 });
});

it('lines below the level are not written, and none at silent', () => {
  const warn = kept('warn');
  warn.log.info('quiet');
  warn.log.warn('loud');
  expect(warn.lines).toHaveLength(1);
  const silent = kept('silent');
  silent.log.error('nothing', new Error('x'));
  expect(silent.lines).toEqual([]);
});

it('a field that was cast past its type is refused, and its content is not written', () => {
  const { log, lines, last } = kept();
  const cast = { study: { PatientName: CANARY }, list: [CANARY], none: null } as unknown as Fields;
  log.info('cast', cast);
  expect(last()).toMatchObject({ study: 'refused: object', list: 'refused: object', none: 'refused: object' });
  expect(lines.join('')).not.toContain(CANARY);
});

it('no field takes the place of a key of the line', () => {
  const { log, lines, last } = kept();
  log.info('role.died', { role: 'worker', level: 7, event: 'x', time: 1 });
  expect(last()).toMatchObject({ role: 'web', level: 'info', event: 'role.died', 'field.role': 'worker' });
  expect(lines[0]?.match(/"role":/g)).toHaveLength(1);
});

it('a line break in a field cannot start a second line', () => {
  const { log, lines } = kept();
  log.info('injected', { AETitle: 'A\n{"level":"info","event":"forged"}' });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
});

it('numbers JSON does not know are written as words, long strings are cut', () => {
  const { log, last } = kept();
  log.info('odd', { ratio: Number.NaN, text: 'x'.repeat(10_000) });
  expect(last().ratio).toBe('NaN');
  expect(last().text.length).toBeLessThan(600);
});

it('an AppError is logged with code, message, detail, stack and its cause', () => {
  const { log, last } = kept();
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:104'), { code: 'ECONNREFUSED' });
  log.error('delivery.failed', new AppError('PACS_UNREACHABLE', 'no answer from PACS', { port: 104 }, cause));
  expect(last()).toMatchObject({
    level: 'error',
    event: 'delivery.failed',
    error: {
      name: 'AppError',
      code: 'PACS_UNREACHABLE',
      message: 'no answer from PACS',
      detail: { port: 104 },
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:104' },
    },
  });
  expect(last().error.stack[0]).toMatch(/^at .*pino-log\.test\.ts:\d+:\d+/);
});

it.each([
  [
    'PostgreSQL quoting a value',
    Object.assign(new Error(`invalid input syntax for type integer: "${CANARY}"`), {
      code: '22P02',
      detail: `Failing row contains (${CANARY})`,
    }),
  ],
  [
    'JSON.parse quoting its input',
    (() => {
      try {
        return JSON.parse(`[${CANARY}]`);
      } catch (error) {
        return error;
      }
    })(),
  ],
  ['quotation marks inside the value', new Error(`no such name: "A"${CANARY}"B"`)],
  ['a quotation that does not end', new Error(`no such name: "${CANARY}`)],
  ['a schema error', z.object({ PatientSex: z.enum(['M', 'F']) }).safeParse({ PatientSex: CANARY, [CANARY]: 1 }).error],
  ['a schema error at a key made of data', z.record(z.string(), z.number()).safeParse({ [CANARY]: 'x' }).error],
  ['a message that looks like a stack', new Error(`"x\n    at ${CANARY} (file:1:2)"`)],
  ['a string that was thrown', CANARY],
  ['a cause', new Error('outer', { cause: new Error(`read '${CANARY}'`) })],
])('%s does not reach the log', (_what, error) => {
  const { log, lines, last } = kept();
  log.error('bug', error);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('CANARY');
  expect(last().error.message).not.toBe('');
});
