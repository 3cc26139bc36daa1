import './strip.css';
import { useEffect, useRef } from 'react';
import { findingValues } from '../findings/finding-words.ts';
import type { SeenFinding } from '../findings/place.ts';
import { useText } from '../locales/i18n.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { greyTable, paintNumbers } from '../series/paint.ts';
import { useArrangement } from '../study/arrangement.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { type Crop, cropNumbers, cropsOf } from './crops.ts';

interface LesionStripProps {
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly finding: SeenFinding;
}

/** The chosen lesion, image by image, from the pixels already here; pressing a crop goes there. */
export function LesionStrip({ engine, series, finding }: LesionStripProps) {
  const { t } = useText();
  const crops = cropsOf(series, finding.place);
  if (crops.length === 0) return null;
  const go = ({ index, center }: Crop) => {
    engine.goTo(center);
    if (index !== undefined) engine.showIndex('axial', index);
  };
  return (
    <section className="lesion-strip" aria-label={t('strip.title', findingValues(finding, t))}>
      {crops.map((crop) => (
        <CropButton key={crop.id} engine={engine} series={series} crop={crop} onPress={() => go(crop)} />
      ))}
    </section>
  );
}

interface CropButtonProps {
  readonly engine: ViewerEngine;
  readonly series: ImageSeries;
  readonly crop: Crop;
  readonly onPress: () => void;
}

function CropButton({ engine, series, crop, onPress }: CropButtonProps) {
  const { t } = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const inverted = useArrangement((state) => state.inverted);
  const { plane, index } = crop;
  const slice = engine.slice('axial');
  const isHere = index !== undefined && slice?.index === index;
  const range = engine.greyRange('axial');
  const { loaded } = engine.progress();
  const isLoaded = index === undefined ? loaded === engine.progress().total : engine.pixels(index) !== undefined;
  const [lower, upper] = [range?.lower, range?.upper];
  const key = `${crop.id} ${crop.center.join(' ')} ${crop.sideMm}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the crop
  useEffect(() => {
    const numbers = isLoaded ? cropNumbers(series, engine.pixels, crop) : undefined;
    if (!canvas.current || !numbers || lower === undefined || upper === undefined) return;
    paintNumbers(canvas.current, numbers, greyTable({ lower, upper }));
  }, [engine, series, key, isLoaded, lower, upper]);

  const name = index === undefined ? t(`plane.${plane}`) : t('strip.image', { index: index + 1 });
  return (
    <button
      type="button"
      className="crop"
      aria-current={isHere ? 'true' : undefined}
      data-crop={crop.id}
      data-drawn={isLoaded || undefined}
      data-inverted={inverted || undefined}
      onClick={onPress}
    >
      <canvas ref={canvas} width={2} height={2} />
      <span>{name}</span>
    </button>
  );
}
