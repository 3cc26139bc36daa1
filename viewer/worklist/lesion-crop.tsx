import { useState } from 'react';
import type { Finding } from '../../services/domain/finding.ts';
import { cropUrl } from '../api.ts';
import { useText } from '../locales/i18n.ts';

/** Pixels of the picture, and of the image around a small lesion. */
const SIDE_PX = 88;
const LEAST_PX = 72;
const AROUND = 2.6;
/** Centre and width: what lung lesions are looked at with, and what everything else is. */
const LUNG = '-600,1500,linear';
const SOFT = '40,400,linear';

interface LesionCropProps {
  readonly StudyInstanceUID: string;
  readonly finding: Finding;
}

/** The image of a finding cut out around it, with ticks at its corners. */
export function LesionCrop({ StudyInstanceUID, finding }: LesionCropProps) {
  const { t } = useText();
  const [isBroken, setBroken] = useState(false);
  const crop = cropOf(finding.region);
  const words = t('preview.crop', { index: finding.index, label: finding.label, mm: finding.diameterMm.toFixed(1) });
  const window = /nodule|lung/i.test(finding.label) ? LUNG : SOFT;
  const key = { StudyInstanceUID, SeriesInstanceUID: finding.SeriesInstanceUID };
  return (
    <figure className="crop" data-broken={isBroken || undefined}>
      {isBroken ? (
        <span className="crop-broken">{t('preview.noCrop')}</span>
      ) : (
        <>
          <img
            src={cropUrl(key, finding.region, {
              region: [crop.left, crop.top, crop.side, crop.side],
              side: SIDE_PX * 2,
              window,
            })}
            alt={words}
            width={SIDE_PX}
            height={SIDE_PX}
            onError={() => setBroken(true)}
          />
          <svg viewBox={`0 0 ${crop.side} ${crop.side}`} aria-hidden="true">
            <path d={ticks(finding.region, crop)} fill="none" />
          </svg>
        </>
      )}
      <figcaption>
        {finding.index} · {finding.diameterMm.toFixed(1)} mm
      </figcaption>
    </figure>
  );
}

interface Crop {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** A square around the region, whole pixels, not beyond the upper and left border of the image. */
export function cropOf({ left, top, right, bottom }: Finding['region']): Crop {
  const side = Math.round(Math.max(LEAST_PX, AROUND * Math.max(right - left, bottom - top)));
  const from = (center: number) => Math.max(0, Math.round(center - side / 2));
  return { left: from((left + right) / 2), top: from((top + bottom) / 2), side };
}

/** Four corners around the region, in pixels of the crop. */
function ticks(region: Finding['region'], { left, top, side }: Crop): string {
  const gap = side / 30;
  const [x1, x2] = [region.left - left - gap, region.right - left + gap];
  const [y1, y2] = [region.top - top - gap, region.bottom - top + gap];
  const arm = Math.min(side / 12, (x2 - x1) / 3);
  const corner = (x: number, y: number, dx: number, dy: number) => `M${x} ${y + dy * arm}V${y}H${x + dx * arm}`;
  return [corner(x1, y1, 1, 1), corner(x2, y1, -1, 1), corner(x1, y2, 1, -1), corner(x2, y2, -1, -1)].join('');
}
