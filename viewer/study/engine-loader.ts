import { useEffect, useState, useSyncExternalStore } from 'react';
import { NoWebGl, type ViewerEngine } from '../viewer-engine.ts';

/** One engine for the life of the page; starting it loads the chunk of Cornerstone. */
const held: { engine: Promise<ViewerEngine> | undefined } = { engine: undefined };

function loadEngine(): Promise<ViewerEngine> {
  const engine = held.engine ?? startEngine();
  held.engine = engine;
  return engine;
}

/** Fetches the code while the study is still being asked for. */
export const fetchEngine = (): void => void import('../cornerstone/engine.ts').catch(() => undefined);

/** Where Cornerstone cannot run the stack is shown without it. */
async function startEngine(): Promise<ViewerEngine> {
  try {
    return (await import('../cornerstone/engine.ts')).startEngine();
  } catch (error) {
    if (!(error instanceof NoWebGl)) throw error;
    return startFlat('stackOnly');
  }
}

/** A second picture beside the first, of another study. */
export const startFlat = async (drawing: 'software' | 'stackOnly'): Promise<ViewerEngine> =>
  (await import('../cornerstone/flat-engine.ts')).startFlatEngine(drawing);

export type EngineLoad =
  | { readonly engine: ViewerEngine; readonly error: undefined }
  | { readonly engine: undefined; readonly error: unknown };

export function useEngine(): EngineLoad {
  const [load, setLoad] = useState<EngineLoad>({ engine: undefined, error: undefined });
  useEffect(() => {
    loadEngine().then(
      (engine) => setLoad({ engine, error: undefined }),
      (error: unknown) => {
        // The next screen may try again: a context can come back.
        held.engine = undefined;
        setLoad({ engine: undefined, error: error ?? new Error('unknown') });
      },
    );
  }, []);
  return load;
}

/** Renders again after each image the engine shows or loads. */
export const useEngineRevision = (engine: ViewerEngine): number =>
  useSyncExternalStore(engine.subscribe, engine.revision);
