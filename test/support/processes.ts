import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes of this machine, from /proc (Linux only). */
function processes(): readonly Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return [];
    }
  });
}

/** The descendants of `pid`, nearest first. */
export function descendantsOf(pid: number): readonly Process[] {
  const all = processes();
  const below = (parent: number): readonly Process[] => {
    const children = all.filter((process) => process.parent === parent);
    return [...children, ...children.flatMap((child) => below(child.pid))];
  };
  return below(pid);
}

/** Every living process whose command line holds `text`. */
export const processesWith = (text: string): readonly Process[] =>
  processes().filter(({ command, pid }) => command.includes(text) && pid !== process.pid);
