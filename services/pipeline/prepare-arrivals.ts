import type { Context } from '../domain/context.ts';
import type { AnalysisInput, PreparedCount } from '../domain/run.ts';

export interface PreparePorts {
  /** Images that arrived since the last call; each is answered once. */
  arrivedImages(): Promise<readonly AnalysisInput[]>;
  /** Whether decoded slices may take more of the disk; frees what nobody came for. */
  hasRoom(): Promise<boolean>;
  prepare(images: readonly AnalysisInput[], signal: AbortSignal): Promise<PreparedCount>;
}

/**
 * Decodes images while their series still arrives. Only time depends on it: what is not prepared, or cannot be, is decoded
 * by its analysis, which also finds the words for what is wrong with it.
 */
export async function prepareArrivals({ log, metrics, signal }: Context, ports: PreparePorts): Promise<void> {
  for (;;) {
    const images = await ports.arrivedImages();
    if (images.length === 0 || signal.aborted) return;
    if (!(await ports.hasRoom())) {
      log.warn('images.not-prepared', { images: images.length });
      continue;
    }
    const { prepared, refused } = await metrics
      .time('prepare', () => ports.prepare(images, signal))
      .catch(lost(signal));
    metrics.count('images_prepared', prepared);
    log.info('images.prepared', { prepared, refused });
  }
}

/** A worker that stops ends its preparer in the middle of the work, and nobody needs to hear of it. */
function lost(signal: AbortSignal) {
  return (error: unknown): PreparedCount => {
    if (!signal.aborted) throw error;
    return { prepared: 0, refused: 0 };
  };
}
