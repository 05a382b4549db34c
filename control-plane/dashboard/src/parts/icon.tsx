/** Our own small set of line drawings, 20 × 20, in the colour of the text. Decorative: the word stands beside or in a label. */
const PATHS = {
  camera: 'M3 6.5h3l1.4-2h5.2l1.4 2h3v9.5H3zM10 13.6a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z',
  shutter: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z',
  play: 'M6.5 4v12l9-6z',
  pause: 'M7 4.5v11M13 4.5v11',
  stop: 'M5 5h10v10H5z',
  left: 'M12.5 4.5 7 10l5.5 5.5',
  right: 'M7.5 4.5 13 10l-5.5 5.5',
  down: 'M4.5 7.5 10 13l5.5-5.5',
  plus: 'M10 4v12M4 10h12',
  close: 'm5 5 10 10M15 5 5 15',
  check: 'm4 10.5 4 4 8-9',
  flag: 'M5 17V3.5h9.5l-2 3.3 2 3.2H5',
  hand: 'M6.5 11V5.2a1.2 1.2 0 0 1 2.4 0V9m0-.2V4a1.2 1.2 0 0 1 2.4 0v5m0-3.8a1.2 1.2 0 0 1 2.4 0V10m0-2.6a1.2 1.2 0 0 1 2.3 0v4.4c0 3.4-2 5.7-5 5.7-2.6 0-3.9-1.1-5.1-3.2L3.7 11c-.6-1.2.9-2.2 1.8-1.1z',
  alert: 'M10 3 2.5 16.5h15zM10 8v4M10 14.2v.3',
  gear: 'M10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM10 2.5v2.2M10 15.3v2.2M2.5 10h2.2M15.3 10h2.2M4.7 4.7l1.6 1.6M13.7 13.7l1.6 1.6M15.3 4.7l-1.6 1.6M6.3 13.7l-1.6 1.6',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.5v1.8M10 15.7v1.8M2.5 10h1.8M15.7 10h1.8M4.7 4.7 6 6M14 14l1.3 1.3M15.3 4.7 14 6M6 14l-1.3 1.3',
  expand: 'M3.5 8V3.5H8M12 3.5h4.5V8M16.5 12v4.5H12M8 16.5H3.5V12',
  download: 'M10 3v9.5m0 0 4-4m-4 4-4-4M3.5 16.5h13',
  trash: 'M3.5 5.5h13M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11',
  pencil: 'm4 16 .8-3.6L13.6 3.6l2.8 2.8L7.6 15.2z',
  film: 'M3 4.5h14v11H3zM6.5 4.5v11M13.5 4.5v11M3 8.2h3.5M3 11.8h3.5M13.5 8.2H17M13.5 11.8H17',
  grid: 'M3.5 3.5h5.3v5.3H3.5zM11.2 3.5h5.3v5.3h-5.3zM3.5 11.2h5.3v5.3H3.5zM11.2 11.2h5.3v5.3h-5.3z',
  person: 'M10 9.8a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.8 17c.5-3.2 2.9-5 6.2-5s5.7 1.8 6.2 5',
  copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
  again: 'M16 10a6 6 0 1 1-1.8-4.3M16.2 2.8v3.4h-3.4',
  minus: 'M4 10h12',
  compare: 'M10 2.5v15M3 5h4.5v10H3zM12.5 5H17v10h-4.5',
  search: 'M8.8 14.6a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6zM13 13l4 4',
  share:
    'M14.5 7a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM5.5 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM14.5 17.6a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM7.6 9l4.8-3.1M7.6 11l4.8 3.1',
  sliders:
    'M3 6h7.5M14.5 6H17M3 14h2.5M9.5 14H17M12.5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  undo: 'M7.5 4 3.5 8l4 4M4 8h7.5a4.5 4.5 0 0 1 0 9H8',
  redo: 'm12.5 4 4 4-4 4M16 8H8.5a4.5 4.5 0 0 0 0 9H12',
  cloud: 'M5.8 15.5a3.3 3.3 0 0 1-.3-6.6 4.7 4.7 0 0 1 9-.6 3.6 3.6 0 0 1-.3 7.2z',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
