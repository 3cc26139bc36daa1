import type { ChangeEvent } from '../domain/contract/system.ts';

type Listener = (event: ChangeEvent) => void;
type Subscribe = (listener: Listener) => Promise<() => Promise<void>>;

interface Subscription {
  readonly listeners: Set<Listener>;
  readonly stop: Promise<() => Promise<void>>;
}

/** One subscription to the store for all screens: made for the first that follows, ended when the last has left. */
export interface EventHub {
  /** Resolves when events arrive, with what ends it. Rejects when the store cannot be followed now. */
  follow(listener: Listener): Promise<() => Promise<void>>;
}

export function eventHub(subscribe: Subscribe): EventHub {
  const state: { current?: Subscription } = {};

  const begin = (): Subscription => {
    const listeners = new Set<Listener>();
    const stop = subscribe((event) => {
      for (const listener of [...listeners]) listener(event);
    });
    state.current = { listeners, stop };
    return state.current;
  };
  const forget = (subscription: Subscription) => {
    if (state.current === subscription) delete state.current;
  };

  return {
    async follow(listener) {
      const subscription = state.current ?? begin();
      subscription.listeners.add(listener);
      const stop = await subscription.stop.catch((error: unknown) => {
        forget(subscription);
        throw error;
      });
      return async () => {
        if (!subscription.listeners.delete(listener) || subscription.listeners.size > 0) return;
        forget(subscription);
        await stop();
      };
    },
  };
}
