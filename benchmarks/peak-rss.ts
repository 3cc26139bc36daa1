import { readFileSync } from 'node:fs';

/** The largest resident size a process ever had, in MB (VmHWM of /proc; Linux only). */
export function peakRssMb(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
