import { createContext, useContext, useSyncExternalStore } from 'react';

const SECOND = 1000;
const listeners = new Set<() => void>();
const ticker: { timer: ReturnType<typeof setInterval> | undefined; now: number } = {
  timer: undefined,
  now: Date.now(),
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticker.timer ??= setInterval(() => {
    ticker.now = Date.now();
    for (const each of listeners) each();
  }, SECOND);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticker.timer);
    ticker.timer = undefined;
  };
}

/** Now in milliseconds, again every second, the same for everything on screen. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => ticker.now);

/** When the server read what is shown, by its own clock, and when that came here, by ours. */
export interface ServerClock {
  readonly asOf: string;
  readonly receivedAt: number;
}

export const ServerClockContext = createContext<ServerClock | undefined>(undefined);

/** Seconds from an instant of the server's clock to now, whatever the clock of this machine says. */
function secondsSince(instant: string, now: number, { asOf, receivedAt }: ServerClock): number {
  const serverNow = Date.parse(asOf) + Math.max(0, now - receivedAt);
  return Math.max(0, (serverNow - Date.parse(instant)) / SECOND);
}

export type Since = (instant: string) => number;

export function useSince(): Since {
  const now = useNow();
  const clock = useContext(ServerClockContext);
  return (instant) => (clock ? secondsSince(instant, now, clock) : 0);
}
