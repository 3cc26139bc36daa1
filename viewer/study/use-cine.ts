import { useEffect } from 'react';
import type { ViewerEngine } from '../viewer-engine.ts';
import { useArrangement } from './arrangement.ts';

/** Runs the active plane through its slices, around the end; it waits for an image that is not loaded yet. */
export function useCine(engine: ViewerEngine): void {
  const { cine, active, framesPerSecond } = useArrangement();
  useEffect(() => {
    if (!cine) return;
    const step = () => {
      const slice = engine.slice(active);
      if (!slice) return;
      const isWaiting = active === 'axial' && engine.progress().requested !== slice.index;
      if (!isWaiting) engine.showIndex(active, (slice.index + 1) % slice.count);
    };
    const timer = setInterval(step, 1000 / framesPerSecond);
    return () => clearInterval(timer);
  }, [engine, cine, active, framesPerSecond]);
}
