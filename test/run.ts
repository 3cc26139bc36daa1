import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fetchPeers } from './support/fetched-peers.ts';
import { hasProgram, hasSharedData } from './support/programs.ts';

/**
 * The one test command: peers, checks, viewer build, all tests, and a last line with the counts.
 * Arguments go to Vitest (`npm test -- test/dicom`).
 */
const PEERS: Readonly<Record<string, string>> = {
  storescu: 'dcmtk',
  gdcmconv: 'libgdcm-tools',
  Orthanc: 'orthanc',
  dciodvfy: 'dicom3tools',
  chromium: 'chromium',
  openssl: 'openssl',
  'redis-server': 'redis-server',
  javac: 'default-jdk-headless',
  djxl: 'libjxl-tools',
  opj_decompress: 'libopenjp2-tools',
};
const COMPANIONS = ['orthanc-dicomweb', 'pixelmed-apps', 'fonts-noto-cjk', 'libvulkan1', 'python3-venv'];
const BIN = join(import.meta.dirname, '../node_modules/.bin');
const args = process.argv.slice(2);
/** Node keeps compiled sources here: half of the processor time of starting a role, and the tests start hundreds. */
process.env.NODE_COMPILE_CACHE ??= join(BIN, '../.cache/node-compile');

function run(program: string, parameters: readonly string[], quiet = false): boolean {
  return spawnSync(program, parameters, { stdio: quiet ? 'ignore' : 'inherit' }).status === 0;
}

/** Installs what is missing from Debian's packages when root; otherwise the tests that need it are skipped by name. */
function installPeers(): void {
  const missing = Object.keys(PEERS).filter((program) => !hasProgram(program));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) {
    console.log(
      `peers missing, their tests are skipped: ${missing.join(', ')} (run as root on Debian to have them installed)`,
    );
    return;
  }
  console.log(`installing test peers: ${missing.join(', ')}`);
  const packages = [...missing.map((program) => PEERS[program] ?? program), ...COMPANIONS];
  // Their services must not start: the tests run peers of their own, on ports of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...parameters: string[]) =>
    spawnSync('apt-get', parameters, { stdio: ['ignore', 'ignore', 'inherit'], env });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
  const still = missing.filter((program) => !hasProgram(program));
  if (still.length > 0) console.log(`could not be installed, their tests are skipped: ${still.join(', ')}`);
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

function runTests(): { ok: boolean; report: Report | undefined } {
  const file = join(mkdtempSync(join(tmpdir(), 'overread-tests-')), 'report.json');
  const ok = run(join(BIN, 'vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...args,
  ]);
  try {
    return { ok, report: JSON.parse(readFileSync(file, 'utf8')) };
  } catch {
    return { ok, report: undefined };
  }
}

/** `all`, or the last alone: tests that open the viewer take it from there, side by side. */
function runChecks(all: boolean): readonly string[] {
  // biome-ignore format: a table
  const checks: readonly (readonly [name: string, program: string, ...parameters: string[]])[] = [
    ['format and lint',     'biome', 'ci', '--log-level=warn'],
    ['types',               'tsc', '--noEmit'],
    ['types of the viewer', 'tsc', '--noEmit', '-p', 'viewer'],
    ['unused code',         'knip', '--no-progress'],
    ['viewer build',        'vite', 'build', '--logLevel', 'warn'],
  ];
  return (all ? checks : checks.slice(-1)).flatMap(([name, program, ...parameters]) => {
    console.log(`check: ${name}`);
    return run(join(BIN, program), parameters) ? [] : [name];
  });
}

function listSkipped({ testResults }: Report): void {
  const skipped = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => ({ name, fullName })),
  );
  for (const { name, fullName } of skipped) console.log(`skipped: ${relative('.', name)}: ${fullName}`);
}

function main(): void {
  installPeers();
  const notFetched = fetchPeers();
  if (notFetched.length > 0)
    console.log(`peers that could not be fetched, their tests are skipped: ${notFetched.join(', ')}`);
  if (!hasSharedData)
    console.log('real studies are not beside this checkout (../shared/data): their tests are skipped');
  const failed = runChecks(args.length === 0);
  const { ok, report } = runTests();
  if (report !== undefined) listSkipped(report);
  for (const name of failed) console.log(`failed check: ${name}`);
  // A test file that did not load has no tests to count as failed.
  const broken = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failures = (report?.numFailedTests ?? 1) + broken + failed.length;
  console.log(`${report?.numPassedTests ?? 0} passed, ${failures} failed, ${report?.numPendingTests ?? 0} skipped`);
  process.exitCode = ok && failed.length === 0 ? 0 : 1;
}

main();
