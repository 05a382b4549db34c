/** What the address of the wall says. Nothing: all cameras, as they were added. */
export const SHOWN = ['trouble', 'recording', 'idle', 'waiting'] as const;
export const SORTS = ['name', 'silent', 'coverage', 'quality', 'backlog'] as const;
export type Shown = (typeof SHOWN)[number];
export type Sort = (typeof SORTS)[number];

export interface WallPlace {
  find?: string;
  show?: Shown;
  sort?: Sort;
  group?: 'site';
  /** Nothing but pictures, and the next ones after so many seconds. */
  kiosk?: number;
}

export const KIOSK_SECONDS = { least: 5, most: 600, usual: 20 } as const;

/** Reads an address as it may be typed: what is not right is left out. */
export function readWallPlace(search: Record<string, unknown>): WallPlace {
  const { find, show, sort, group, kiosk } = search;
  const seconds = kiosk === true || kiosk === '' ? KIOSK_SECONDS.usual : Number(kiosk);
  return {
    ...((typeof find === 'string' || typeof find === 'number') && `${find}` !== ''
      ? { find: `${find}`.slice(0, 100) }
      : {}),
    ...(isOne(show, SHOWN) ? { show } : {}),
    ...(isOne(sort, SORTS) ? { sort } : {}),
    ...(group === 'site' ? { group } : {}),
    ...(kiosk !== undefined && seconds > 0
      ? { kiosk: Math.min(KIOSK_SECONDS.most, Math.max(KIOSK_SECONDS.least, Math.round(seconds))) }
      : {}),
  };
}

const isOne = <Value extends string>(value: unknown, of: readonly Value[]): value is Value =>
  of.includes(value as Value);
