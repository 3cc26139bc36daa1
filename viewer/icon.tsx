/** Drawn on a 16 x 16 grid, 1.6 px lines: each AI state has a silhouette of its own. */
const PATHS = {
  receiving: 'M8 2v7M4.8 6.2 8 9.4l3.2-3.2M2.5 10v3.5h11V10',
  waiting: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.3l2.3 1.4',
  running: 'M13.8 8A5.8 5.8 0 1 1 8 2.2M8 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2',
  findings: 'M2.2 5V2.2H5M11 2.2h2.8V5M13.8 11v2.8H11M5 13.8H2.2V11M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6',
  none: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M5.2 8h5.6',
  notAnalysable: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M4 4l8 8',
  failed: 'M8 1.8 14.6 13.6H1.4zM8 6v3.6M8 11.4v.4',
  outdated: 'M2.2 8A5.8 5.8 0 1 0 4 3.8M2.4 2.6v3h3M8 5v3.2l2.2 1.3',
  partial: 'M8 2.2a5.8 5.8 0 1 0 0 11.6M8 2.2v11.6M10.6 3.2l.1.1M13 5.6l.1.1M13.6 9l.1.1M11.8 12l.1.1',
  withdrawn: 'M8 2.2v6M5 5.4l3 3 3-3M2.4 10.2v3.6h11.2v-3.6M5 11.4h6',
  signed: 'M2.2 13.6h11.6M3 10.8 10.6 3.2l2.2 2.2L5.2 13M3 10.8l-.8 2.8',
  delivered: 'M2.4 8.6 6 12.2l7.6-8',
  pending: 'M2 8h9M7.8 4.6 11.2 8l-3.4 3.4M13.6 3.2v9.6',
  refused: 'M3.4 3.4l9.2 9.2M12.6 3.4l-9.2 9.2',
  absent: 'M4 8h8',
  search: 'M7 2.4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2M10.4 10.4l3.4 3.4',
  back: 'M9.8 2.8 4.6 8l5.2 5.2',
  next: 'M4 6l4 4 4-4',
  previous: 'M4 10l4-4 4 4',
  warning: 'M8 1.8 14.6 13.6H1.4zM8 6v3.6M8 11.4v.4',
  eye: 'M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2',
  eyeOff: 'M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4M3 13.4 13 2.6',
  keyboard: 'M1.8 4.2h12.4v7.6H1.8zM4.2 6.6h.2M7 6.6h.2M9.8 6.6h.2M12 6.6h.2M4.6 9.4h6.8',
  pencil: 'M3 13l.8-3L11 2.8l2.2 2.2L6 12.2zM9.6 4.2l2.2 2.2',
  defer: 'M4.4 2.4h7.2M4.4 13.6h7.2M5 2.4c0 3 6 8.2 6 11.2M11 2.4c0 3-6 8.2-6 11.2',
  sign: 'M2 13.4h12M3 10.2c2-4.6 4.4-8 5.8-7.2 1.6 1-3.6 6.4-2 7 1.2.4 2-2.2 3-2 .8.2.2 1.6 1.2 1.8.6.2 1.2-.4 2-1',
  length: 'M2.6 13.4 13.4 2.6M1.6 11.4l3 3M11.4 1.6l3 3',
  bidirectional: 'M2.4 13.6 13.6 2.4M5 5l6 6',
  ellipse: 'M8 4.2c3.4 0 6 1.7 6 3.8s-2.6 3.8-6 3.8-6-1.7-6-3.8 2.6-3.8 6-3.8',
  probe: 'M8 1.8v4M8 10.2v4M1.8 8h4M10.2 8h4M8 7.9v.2',
  angle: 'M12.6 2.6 2.6 13h11M6.6 9c1.4 1 2 2.4 2 4',
  cine: 'M4.6 2.8 13 8l-8.4 5.2z',
  pause: 'M5 2.8v10.4M11 2.8v10.4',
  invert: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 2.2v11.6M10 4.4v7.2M12 6v4',
  fit: 'M2.4 5.4v-3h3M10.6 2.4h3v3M13.6 10.6v3h-3M5.4 13.6h-3v-3',
  maximise: 'M9.6 2.4h4v4M13.4 2.6 9.4 6.6M6.4 13.6h-4v-4M2.6 13.4l4-4',
  layoutOne: 'M2.2 2.8h11.6v10.4H2.2z',
  layoutTwo: 'M2.2 2.8h11.6v10.4H2.2zM8 2.8v10.4',
  layoutThree: 'M2.2 2.8h11.6v10.4H2.2zM9.4 2.8v10.4M9.4 8h4.4',
  layoutFour: 'M2.2 2.8h11.6v10.4H2.2zM8 2.8v10.4M2.2 8h11.6',
  prior: 'M1.8 3.4h5.4v9.2H1.8zM8.8 3.4h5.4v9.2H8.8zM3.6 8h1.8',
  slab: 'M2 5.2 8 2.4l6 2.8-6 2.8zM2 8l6 2.8L14 8M2 10.8l6 2.8 6-2.8',
  minus: 'M3.4 8h9.2',
  plus: 'M3.4 8h9.2M8 3.4v9.2',
  copy: 'M5.4 5.4h8v8h-8zM10.6 5.4V2.6h-8v8h2.8',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside a text; the text is the name. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      data-icon={name}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
