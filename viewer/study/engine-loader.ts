import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ViewerEngine } from '../viewer-engine.ts';

/** One engine for the life of the page; starting it loads the chunk of Cornerstone. */
const held: { engine: Promise<ViewerEngine> | undefined } = { engine: undefined };

function loadEngine(): Promise<ViewerEngine> {
  const engine = held.engine ?? import('../cornerstone/engine.ts').then(({ startEngine }) => startEngine());
  held.engine = engine;
  return engine;
}

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
