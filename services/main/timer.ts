import type { Context } from '../domain/context.ts';

/** Runs `step` again and again, `pauseMs` after each end, until closed; an error is logged and the next turn tried. */
export function every(context: Context, name: string, pauseMs: number, step: () => Promise<void>) {
  const state: { timer?: NodeJS.Timeout; closed: boolean; running: Promise<void> } = {
    closed: false,
    running: Promise.resolve(),
  };
  const turn = async () => {
    try {
      await step();
    } catch (error) {
      context.log.error(`${name}.failed`, error);
    }
    if (!state.closed) state.timer = setTimeout(start, pauseMs);
  };
  const start = () => {
    state.running = turn();
  };
  start();
  return {
    async close(): Promise<void> {
      state.closed = true;
      clearTimeout(state.timer);
      await state.running;
    },
  };
}
