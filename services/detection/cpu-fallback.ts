import { AppError } from '../domain/errors.ts';
import type { OnnxSession } from './onnx-session.ts';

/** A session that may have left its card. */
export interface FallbackSession extends OnnxSession {
  /** The provider that ran out of memory in the middle of the work; from then on the processor did it. */
  readonly leftProvider?: string | undefined;
}

/**
 * A session whose work goes on, on the processor, when its card runs out of memory: the same tile again, then the rest. It
 * never goes back by itself; whoever owns it opens the model anew for the next study.
 */
export function cpuFallback(session: OnnxSession, openProcessor: () => Promise<OnnxSession>): FallbackSession {
  const state: { processor?: OnnxSession } = {};
  return {
    get provider() {
      return state.processor ? `${session.provider}, then ${state.processor.provider}` : session.provider;
    },
    get leftProvider() {
      return state.processor && session.provider;
    },
    async run(input, dims) {
      if (state.processor) return state.processor.run(input, dims);
      try {
        return await session.run(input, dims);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'DEVICE_OUT_OF_MEMORY') throw error;
        await session.release(); // what it held of the card is for others
        state.processor = await openProcessor();
        return state.processor.run(input, dims);
      }
    },
    release: () => (state.processor ?? session).release(),
  };
}
