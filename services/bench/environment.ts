import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './metrics.ts';

const ROOT = join(import.meta.dirname, '../..');
const MB = 1024 * 1024;

/** The machine and the program, as far as they tell. */
export function environment(): Environment {
  const cpuModel = cpus()[0]?.model.trim() || 'unknown';
  const cores = availableParallelism();
  const cgroupCores = cpuQuota();
  return {
    overread: packageVersion('package.json') ?? 'unknown',
    node: process.versions.node,
    onnxruntime: packageVersion('node_modules/onnxruntime-node/package.json'),
    ...commit(),
    platform: `${process.platform} ${process.arch} ${release()}`,
    cpuModel,
    cpuFlags: cpuFlags(),
    cores,
    cgroupCores,
    memoryMb: Math.round(totalmem() / MB),
    cgroupMemoryMb: memoryLimit(),
    gpus: gpus(),
    machineClass: `${cpuModel} x ${Math.min(cores, cgroupCores ?? cores)}`,
  };
}

function packageVersion(file: string): string | null {
  const [, version = null] = /"version":\s*"([^"]+)"/.exec(fileText(join(ROOT, file)) ?? '') ?? [];
  return version;
}

function commit(): Pick<Environment, 'commit' | 'modified'> {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  const head = git('rev-parse', 'HEAD');
  if (head.status !== 0) return { commit: null, modified: null };
  const status = git('status', '--porcelain', '--untracked-files=no');
  return { commit: head.stdout.trim(), modified: status.status === 0 ? status.stdout.trim() !== '' : null };
}

/** Instruction sets that decide how fast a convolution is. */
function cpuFlags(): string[] {
  const [, flags = ''] = /^flags\s*:\s*(.+)$/m.exec(fileText('/proc/cpuinfo') ?? '') ?? [];
  return flags.split(' ').filter((flag) => /^(avx|amx|fma|f16c|sse4)/.test(flag));
}

/** cgroup v2, then v1. */
function cpuQuota(): number | null {
  const [quota, period] = (fileText('/sys/fs/cgroup/cpu.max') ?? '').trim().split(' ');
  if (quota && quota !== 'max') return Number(quota) / Number(period);
  const v1 = Number(fileText('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? -1);
  return v1 > 0 ? v1 / Number(fileText('/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? 100_000) : null;
}

function memoryLimit(): number | null {
  const text = fileText('/sys/fs/cgroup/memory.max') ?? fileText('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const bytes = Number(text?.trim() ?? Number.NaN);
  return Number.isFinite(bytes) && bytes < totalmem() ? Math.round(bytes / MB) : null;
}

function gpus(): string[] {
  const found = nvidiaSmi('--query-gpu=name,driver_version,memory.total', '--format=csv,noheader');
  return found === undefined ? [] : found.split('\n').filter((line) => line.trim() !== '');
}

/** GPU memory of these processes, MB; `null` where there is no GPU. */
export function gpuMemoryMb(pids: readonly number[]): number | null {
  const text = nvidiaSmi('--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits');
  return text === undefined ? null : sumOfPids(text, pids);
}

/** From `pid, megabytes` lines; `null` when none of them is ours. */
export function sumOfPids(text: string, pids: readonly number[]): number | null {
  const own = text
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .filter(([pid, megabytes]) => pid !== undefined && pids.includes(pid) && Number.isFinite(megabytes));
  return own.length === 0 ? null : own.reduce((sum, [, megabytes = 0]) => sum + megabytes, 0);
}

function nvidiaSmi(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('nvidia-smi', args, { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? stdout : undefined;
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
