import { useLayoutEffect, useMemo, useRef } from 'react';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { greyTable, paintNumbers } from '../series/paint.ts';
import { gridOf, type PlaneGrid } from '../series/plane-grid.ts';
import { type GridPicture, type SlabMode, slabPicture } from '../series/slab.ts';
import { along } from '../series/vector.ts';
import type { Slice } from '../slice.ts';
import type { ViewerEngine } from '../viewer-engine.ts';

interface SlabProps {
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly slice: Slice;
  readonly mode: SlabMode;
  readonly thicknessMm: number;
}

/** A slab in the place of the slice: over the engine's pixels, from the same pixels, and it says how thick it is. */
export function Slab({ engine, series, slice, mode, thicknessMm }: SlabProps) {
  const { t } = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { loaded, total } = engine.progress();
  // A slab is made anew for another slice, not for another window or zoom; and again while images still come.
  const at = `${slice.plane} ${slice.index} ${mode} ${thicknessMm} ${loaded === total ? 'all' : loaded}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `at` says all that matters of the slice
  const made = useMemo(() => {
    const grid = gridOf(series, slice);
    const picture = grid && slabPicture(series, engine.pixels, grid, thicknessMm, mode);
    return { grid, picture };
  }, [engine, series, at]);
  const range = engine.greyRange(slice.plane);

  useLayoutEffect(() => {
    const { grid, picture } = made;
    if (canvas.current && grid && picture && 'numbers' in picture && range) {
      drawSlab(canvas.current, slice, grid, picture, range);
    }
  });

  const { picture } = made;
  if (!picture) return <p className="slab-note">{t('slab.none')}</p>;
  if ('missing' in picture) {
    return (
      <p className="slab-note">
        {t('slab.missing', {
          list: picture.missing
            .map((index) => index + 1)
            .slice(0, 12)
            .join(', '),
        })}
      </p>
    );
  }
  const { layers, thicknessMm: mm } = picture;
  return (
    <>
      <canvas ref={canvas} className="slab-canvas" />
      <p className="slab-note" data-slab={mode} data-mm={mm.toFixed(1)}>
        {t(`slab.${mode}`)} {t('slab.thickness', { mm: mm.toFixed(1), layers })}
      </p>
    </>
  );
}

type Range = NonNullable<ReturnType<ViewerEngine['greyRange']>>;

/** Samples are laid where the slice says they are: one transformation, whatever the orientation. */
function drawSlab(canvas: HTMLCanvasElement, slice: Slice, grid: PlaneGrid, picture: GridPicture, range: Range): void {
  const ratio = devicePixelRatio;
  Object.assign(canvas, { width: Math.round(slice.width * ratio), height: Math.round(slice.height * ratio) });
  const context = canvas.getContext('2d');
  if (!context) return;
  const source = document.createElement('canvas');
  paintNumbers(source, picture, greyTable(range));
  const origin = slice.toCanvas(grid.origin);
  const across = slice.toCanvas(along(grid.origin, grid.right, grid.stepMm[0]));
  const down = slice.toCanvas(along(grid.origin, grid.down, grid.stepMm[1]));
  const [a, b] = [(across[0] - origin[0]) * ratio, (across[1] - origin[1]) * ratio];
  const [c, d] = [(down[0] - origin[0]) * ratio, (down[1] - origin[1]) * ratio];
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(a, b, c, d, origin[0] * ratio, origin[1] * ratio);
  context.drawImage(source, -0.5, -0.5);
}
