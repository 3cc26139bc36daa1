import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
export const hasPixelMed = hasProgram('java') && existsSync(join(JAVA_LIBRARIES, 'pixelmed.jar'));

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

/** Runs a program on the report in a file of its own; answers when it ends. */
async function runOn(report: Report, program: string, options: readonly string[]): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'overread-sr-'));
  const file = join(directory, 'report.dcm');
  writeFileSync(file, part10File(report));
  try {
    return await new Promise((resolve, reject) => {
      execFile(program, [...options, file], { maxBuffer: 1 << 26 }, (error, standardOutput, standardError) => {
        if (error && typeof error.code !== 'number') return reject(error);
        const lines = `${standardOutput}\n${standardError}`.split('\n').filter((line) => line.trim() !== '');
        resolve({ exitCode: Number(error?.code ?? 0), lines, standardOutput });
      });
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

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

/**
 * PixelMed: the templates of PS3.16, some 10 s a file. As packaged it stops at the limits of Java's XPath engine on any
 * report of real size; the options lift them. Of its seconds half go into compiling Java well, which does not pay.
 */
export async function pixelMed(report: Report): Promise<Verdict> {
  const jars = readdirSync(JAVA_LIBRARIES).filter((name) =>
    /^(pixelmed|.*xalan.*|.*serializer.*|commons-co.*)\.jar$/.test(name),
  );
  const { lines } = await runOn(report, 'java', [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Xss64m',
    '-Djdk.xml.xpathTotalOpLimit=0',
    '-Djdk.xml.xpathExprOpLimit=0',
    '-Djdk.xml.xpathExprGrpLimit=0',
    '-cp',
    jars.map((name) => join(JAVA_LIBRARIES, name)).join(':'),
    'com.pixelmed.validate.DicomSRValidator',
  ]);
  const errors = linesOf(lines, /Error|Exception/);
  for (const sign of ['Found Root Template TID_1500', 'IOD validation complete']) {
    if (!lines.some((line) => line.includes(sign))) errors.push(`did not say "${sign}": ${lines.join(' | ')}`);
  }
  return { errors, warnings: linesOf(lines, /^Warning/) };
}
