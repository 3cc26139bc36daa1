import { useState } from 'react';
import type { Finding } from '../../services/domain/finding.ts';
import { cropUrl } from '../api.ts';
import { useText } from '../locales/i18n.ts';
import { cropOf, ticks } from './crop-of.ts';

/** Pixels of the picture. */
const SIDE_PX = 88;
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
