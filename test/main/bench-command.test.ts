import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchFolder, luna16Lists, writeLuna16 } from '../bench/bench-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = benchFolder();
const file = writeLuna16(folder, luna16Lists(0.8), [{ metric: 'cpm', min: 0.05 }]);
const strict = folder.write('strict.yaml', folder.read('bench.yaml').replace('0.05', '0.99'));

function overread(...args: readonly string[]) {
  const command = [join(ROOT, 'services/main/cli.ts'), 'bench', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder.root, encoding: 'utf8' });
  return { status, stdout, stderr };
}
/** Whatever else this machine does, `--allow-loaded` leaves the exit code to the gates. */
const judge = (bench: string, ...more: readonly string[]) =>
  overread('run', bench, '--detections', 'marks.csv', '--allow-loaded', ...more);

describe('overread bench', () => {
  it('run: exit 0 when the gates hold, 1 when one does not; the report is written either way', () => {
    const held = judge(file, '--out', 'held');
    expect(held.status, held.stderr).toBe(0);
    expect(held.stdout).toMatch(/luna: 24 scans, \d+ lesions, CPM 0\.\d+/);
    expect(folder.read('held/report.html')).toMatch(/^<!doctype html>/);
    const breached = judge(strict, '--out', 'breached');
    expect(breached.status).toBe(1);
    expect(breached.stdout).toMatch(/^FAILED: CPM of luna is 0\.\d+, at least 0\.990 is asked/);
    expect(folder.read('breached/junit.xml')).toContain('failures="1"');
  });

  it('run: --json and --junit print what CI reads, and nothing else', () => {
    const json = JSON.parse(judge(file, '--out', 'out', '--json', '--seed', '9').stdout);
    expect(json).toMatchObject({ kind: 'overread-bench', bench: { file: 'bench.yaml', seed: 9 } });
    expect(judge(file, '--out', 'out', '--junit').stdout).toMatch(/^<\?xml version="1.0"/);
  });

  it('compare: exit 1 on a breach and on a gate that cannot be judged', () => {
    judge(file, '--out', 'one');
    const same = overread('compare', 'one/metrics.json', 'one/metrics.json', '--gate', 'cpm:-0.01');
    expect(same.status, same.stderr).toBe(0);
    expect(same.stdout).toContain('held');
    expect(overread('compare', 'one/metrics.json', 'one/metrics.json', '--gate', 'p95:+10%').status).toBe(1);
    folder.write('gates.yaml', '- { metric: cpm, min: 0.999 }\n');
    const gated = overread('compare', 'one/metrics.json', 'one/metrics.json', '--gates', 'gates.yaml', '--json');
    expect(gated.status).toBe(1);
    expect(JSON.parse(gated.stdout).gates[0].status).toBe('breached');
  });

  it('errors have a name and exit 1, wrong usage exits 64', () => {
    expect(overread('run', 'no-such.yaml')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('BENCH_INVALID'),
    });
    expect(overread('compare', 'bench.yaml', 'bench.yaml').stderr).toContain('BENCH_INVALID');
    expect(overread('run').status).toBe(64);
    expect(judge(file, '--seed', 'x').status).toBe(64);
    expect(judge(file, '--price-per-hour', '0').status).toBe(64);
    expect(judge(file, '--only', 'luck').status).toBe(64);
  });
});
