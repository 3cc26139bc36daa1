import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { part10Header } from '../../services/dicom/dataset/part10.ts';
import type { EncodedReport } from '../../services/domain/report-source.ts';
import { hasProgram } from './programs.ts';

/** What a validator of others says about a report: its complaints, line by line. */
export interface Verdict {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const JAVA_LIBRARIES = '/usr/share/java';

export const hasDciodvfy = hasProgram('dciodvfy');
export const hasDsrdump = hasProgram('dsrdump');
export const hasPixelMed = hasProgram('javac') && existsSync(join(JAVA_LIBRARIES, 'pixelmed.jar'));

/** A report as we encode it, or a Part 10 file as a PACS gives it back. */
type Report = EncodedReport | Uint8Array;

const part10File = (report: Report): Uint8Array =>
  report instanceof Uint8Array
    ? report
    : Buffer.concat([part10Header({ ...report, sourceAETitle: 'OVERREAD' }), report.dataset]);

interface Run {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly standardOutput: string;
}

/** Gives the path of a file that holds the report, until what is done with it ends. */
async function asFile<Answer>(report: Report, done: (file: string) => Promise<Answer>): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'overread-sr-'));
  const file = join(directory, 'report.dcm');
  writeFileSync(file, part10File(report));
  try {
    return await done(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a program on the report; answers when it ends. */
const runOn = (report: Report, program: string, options: readonly string[]): Promise<Run> =>
  asFile(
    report,
    (file) =>
      new Promise((resolve, reject) => {
        execFile(program, [...options, file], { maxBuffer: 1 << 26 }, (error, standardOutput, standardError) => {
          if (error && typeof error.code !== 'number') return reject(error);
          const lines = `${standardOutput}\n${standardError}`.split('\n').filter((line) => line.trim() !== '');
          resolve({ exitCode: Number(error?.code ?? 0), lines, standardOutput });
        });
      }),
  );

const linesOf = (lines: readonly string[], start: RegExp) => lines.filter((line) => start.test(line));

/** dicom3tools: attributes, types, evidence, code sequences. */
export async function dciodvfy(report: Report): Promise<Verdict> {
  const { exitCode, lines } = await runOn(report, 'dciodvfy', ['-new']);
  const errors = linesOf(lines, /^Error/);
  if (exitCode !== 0 && errors.length === 0) errors.push(`exit code ${exitCode}: ${lines.join(' | ')}`);
  return { errors, warnings: linesOf(lines, /^Warning/) };
}

/** dcmtk: relationships and value types. Its text is the report as a reader sees it. */
export async function dsrdump(report: Report): Promise<Verdict & { readonly text: string }> {
  const { exitCode, lines, standardOutput } = await runOn(report, 'dsrdump', ['+Pc', '+Pl']);
  const errors = linesOf(lines, /^[EF]:/);
  if (exitCode !== 0 && errors.length === 0) errors.push(`exit code ${exitCode}`);
  return { errors, warnings: linesOf(lines, /^W:/), text: standardOutput };
}

type Java = ChildProcessByStdio<Writable, Readable, null>;

const warm: { java?: Java; lines?: AsyncIterator<string>; last: Promise<unknown> } = { last: Promise.resolve() };

/**
 * One Java for all reports of a test file: a report takes a fraction of the ten seconds that it takes in a Java of its
 * own. As packaged PixelMed stops at the limits of Java's XPath engine on any report of real size; the options lift them.
 */
function java(): Java {
  if (warm.java) return warm.java;
  const jars = readdirSync(JAVA_LIBRARIES).filter((name) =>
    /^(pixelmed|.*xalan.*|.*serializer.*|commons-co.*)\.jar$/.test(name),
  );
  // biome-ignore format: a list of options
  const options = [
    '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xss64m',
    '-Djdk.xml.xpathTotalOpLimit=0', '-Djdk.xml.xpathExprOpLimit=0', '-Djdk.xml.xpathExprGrpLimit=0',
    '-cp', jars.map((name) => join(JAVA_LIBRARIES, name)).join(':'),
    join(import.meta.dirname, 'PixelMedReports.java'),
  ];
  // It ends with its input, so with this process.
  const started = spawn('java', options, { stdio: ['pipe', 'pipe', 'inherit'] });
  started.unref();
  warm.java = started;
  warm.lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  return started;
}

async function saidByPixelMed(file: string): Promise<readonly string[]> {
  java().stdin.write(`${file}\n`);
  const lines: string[] = [];
  for (;;) {
    const line = await warm.lines?.next();
    if (line === undefined || line.done) return [...lines, 'Exception: Java has ended'];
    if (line.value === 'end of report') return lines;
    if (line.value.trim() !== '') lines.push(line.value);
  }
}

/** PixelMed: the templates of PS3.16. One report after the other. */
export async function pixelMed(report: Report): Promise<Verdict> {
  const turn = warm.last.then(() => asFile(report, saidByPixelMed));
  warm.last = turn.catch(() => {});
  const lines = await turn;
  const errors = linesOf(lines, /Error|Exception/);
  for (const sign of ['Found Root Template TID_1500', 'IOD validation complete']) {
    if (!lines.some((line) => line.includes(sign))) errors.push(`did not say "${sign}": ${lines.join(' | ')}`);
  }
  return { errors, warnings: linesOf(lines, /^Warning/) };
}
