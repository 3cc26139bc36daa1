import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { isPlaced } from '../../services/domain/finding.ts';
import { marksOnSlice } from '../findings/marks-on-slice.ts';
import type { SeenFinding } from '../findings/place.ts';
import { useText } from '../locales/i18n.ts';
import { along, dot, minus } from '../series/vector.ts';
import type { CanvasPoint, Point, Slice } from '../slice.ts';
import { useActions } from './actions-context.ts';
import { meter } from './meter.ts';
import { type Handle, handlesOf, type PlacedLesion, reshape, stepped } from './reshape-lesion.ts';
import { useReview, useSession } from './use-review.ts';

const STEP_MM = 0.2;
const LARGE_STEP_MM = 1;
const AIM_STEP_PX = 4;
const LARGE_AIM_STEP_PX = 24;
const HANDLE_PX = 4;
/** A lesion smaller than this on screen is shown larger while it is edited. */
const EDIT_PX = 90;
const MAX_ZOOM = 4;
/** A handle is on this slice when the lesion is cut by it. */
const NEAR_MM = 0.51;

const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

interface ReviewLayerProps {
  readonly slice: Slice;
  /** On the series of the slice. */
  readonly findings: readonly SeenFinding[];
  /** Can anything be added here? What has no place in the patient cannot be measured. */
  readonly hasGeometry: boolean;
  readonly onZoom: (factor: number, around: CanvasPoint) => void;
}

/** Over the marks of the axial plane: what is edited, or where a missed lesion is to be found. */
export function ReviewLayer({ slice, findings, hasGeometry, onZoom }: ReviewLayerProps) {
  const { session } = useReview();
  const mode = useSession(session, ({ review }) => review.mode);
  const marks = marksOnSlice(findings, slice).length;
  useEffect(() => {
    meter.seen('timeToFirstImage');
    if (marks > 0) meter.seen('timeToFirstFinding');
  }, [marks]);
  if (slice.plane !== 'axial') return null;
  // One on a single image has no handles: the panel of the edit says why.
  if (mode.name === 'editing')
    return isPlaced(mode.lesion) ? <EditHandles slice={slice} lesion={mode.lesion} onZoom={onZoom} /> : null;
  return mode.name === 'adding' && hasGeometry ? <AddTarget slice={slice} /> : null;
}

interface AxesProps {
  readonly slice: Slice;
  readonly lesion: PlacedLesion;
}

type EditHandlesProps = AxesProps & Pick<ReviewLayerProps, 'onZoom'>;

function EditHandles({ slice, lesion, onZoom }: EditHandlesProps) {
  const { t } = useText();
  const { session } = useReview();
  const { right, up } = slice;
  const held = useRef<Handle | undefined>(undefined);
  const put = (handle: Handle, to: Point) =>
    session.send({ type: 'reshape', lesion: reshape(lesion, handle, to, right, up) });
  /** On the plane of the handle: a drag never leaves it. */
  const pointOf = (event: PointerEvent<SVGElement>, from: Point): Point => {
    const { left = 0, top = 0 } = event.currentTarget.ownerSVGElement?.getBoundingClientRect() ?? {};
    const point = slice.toPatient([event.clientX - left, event.clientY - top]);
    const off = dot(minus(from, point), slice.normal);
    return [point[0] + slice.normal[0] * off, point[1] + slice.normal[1] * off, point[2] + slice.normal[2] * off];
  };
  const nudge = (handle: Handle, from: Point) => (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const mm = event.shiftKey ? LARGE_STEP_MM : STEP_MM;
    put(handle, stepped(from, right, up, arrow[0] * mm, arrow[1] * mm));
  };
  const away = Math.abs(dot(minus(lesion.center, slice.focalPoint), slice.normal)) > lesion.diameterMm * NEAR_MM;
  if (away) return null;
  const handles = [...handlesOf(lesion, right)];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in
    <svg className="review-layer" role="group" aria-label={t('edit.help')} width={slice.width} height={slice.height}>
      <Enlarged slice={slice} lesion={lesion} onZoom={onZoom} />
      <Axes slice={slice} lesion={lesion} />
      {handles.map(([handle, point]) => {
        const [x, y] = slice.toCanvas(point);
        return (
          // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot live inside an SVG
          <g
            key={handle}
            role="button"
            tabIndex={0}
            className="edit-handle"
            data-handle={handle}
            aria-label={t('edit.handle', { handle: t(`edit.${handle}`) })}
            onKeyDown={nudge(handle, point)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              held.current = handle;
            }}
            onPointerMove={(event) => {
              if (held.current === handle) put(handle, pointOf(event, point));
            }}
            onPointerUp={() => {
              held.current = undefined;
            }}
          >
            <circle className="handle-target" cx={x} cy={y} r={12} />
            {handle === 'whole' ? (
              <path className="handle-whole" d={`M${x - 7} ${y}H${x + 7}M${x} ${y - 7}V${y + 7}`} />
            ) : (
              <rect x={x - HANDLE_PX} y={y - HANDLE_PX} width={HANDLE_PX * 2} height={HANDLE_PX * 2} />
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** Large enough to take hold of; as it was when the edit ends. */
function Enlarged({ slice, lesion, onZoom }: EditHandlesProps) {
  const start = useRef({ slice, lesion, onZoom });
  useEffect(() => {
    const { slice: seen, lesion: of, onZoom: zoom } = start.current;
    const center = seen.toCanvas(of.center);
    const rim = seen.toCanvas(along(of.center, seen.right, of.diameterMm));
    const factor = Math.min(MAX_ZOOM, EDIT_PX / Math.max(1, Math.hypot(rim[0] - center[0], rim[1] - center[1])));
    if (factor <= 1) return;
    zoom(factor, center);
    return () => zoom(1 / factor, center);
  }, []);
  return null;
}

function Axes({ slice, lesion }: AxesProps) {
  const { measurement, center, diameterMm } = lesion;
  if (!measurement) {
    const [x, y] = slice.toCanvas(center);
    const rim = slice.toCanvas(along(center, slice.right, diameterMm / 2));
    const radius = Math.hypot(rim[0] - x, rim[1] - y);
    return (
      <>
        <circle className="axis-halo" cx={x} cy={y} r={radius} />
        <circle className="axis" cx={x} cy={y} r={radius} />
      </>
    );
  }
  const line = (axis: readonly [Point, Point]): string => {
    const [a, b] = axis.map((point) => slice.toCanvas(point)) as [CanvasPoint, CanvasPoint];
    return `M${a[0]} ${a[1]}L${b[0]} ${b[1]}`;
  };
  const d = line(measurement.longAxis) + line(measurement.shortAxis);
  return (
    <>
      <path className="axis-halo" d={d} />
      <path className="axis" d={d} />
    </>
  );
}

/** The whole picture takes the click; a cross that the arrow keys move serves a reader without a mouse. */
function AddTarget({ slice }: { readonly slice: Slice }) {
  const { t } = useText();
  const { addAt } = useActions();
  const [aim, setAim] = useState<CanvasPoint>(() => [slice.width / 2, slice.height / 2]);
  const take = ([x, y]: CanvasPoint) => {
    setAim([x, y]);
    void addAt(slice.toPatient([x, y]));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (event.key === 'Enter') take(aim);
    else if (arrow) {
      const px = event.shiftKey ? LARGE_AIM_STEP_PX : AIM_STEP_PX;
      setAim(([x, y]) => [x + arrow[0] * px, y - arrow[1] * px]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const [x, y] = aim;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in
    <svg className="review-layer" role="group" aria-label={t('add.title')} width={slice.width} height={slice.height}>
      {/* biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot live inside an SVG */}
      <g
        ref={focusNow}
        role="button"
        tabIndex={0}
        className="add-target"
        aria-label={t('add.target')}
        onKeyDown={onKeyDown}
        onClick={({ clientX, clientY, currentTarget }) => {
          const { left = 0, top = 0 } = currentTarget.ownerSVGElement?.getBoundingClientRect() ?? {};
          take([clientX - left, clientY - top]);
        }}
      >
        <rect width={slice.width} height={slice.height} />
        <path className="aim-halo" d={cross(x, y)} />
        <path className="aim" d={cross(x, y)} />
      </g>
    </svg>
  );
}

const focusNow = (element: SVGGElement | null): void => element?.focus({ preventScroll: true });

const cross = (x: number, y: number): string =>
  `M${x - 16} ${y}H${x - 5}M${x + 5} ${y}H${x + 16}M${x} ${y - 16}V${y - 5}M${x} ${y + 5}V${y + 16}`;
