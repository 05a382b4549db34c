/** Where a picture lies in its window when it is looked at closely. Pure: moments of a transform, kept inside its bounds. */
export interface Zoom {
  /** 1: as it fits. */
  scale: number;
  /** Of the picture's middle from the window's middle, as shares of the window's size at scale 1. */
  x: number;
  y: number;
}
export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
export const MOST_SCALE = 12;

/** No edge of the picture comes into the window. */
export function bounded({ scale, x, y }: Zoom): Zoom {
  const held = Math.min(MOST_SCALE, Math.max(1, scale));
  const most = (held - 1) / 2;
  const within = (value: number) => Math.min(most, Math.max(-most, value)) + 0;
  return { scale: held, x: within(x), y: within(y) };
}

/** Closer or farther, so that what is under the point stays under it. @param at as shares from the window's middle, −½ to ½ */
export function zoomedAt(zoom: Zoom, factor: number, at: { x: number; y: number }): Zoom {
  const scale = Math.min(MOST_SCALE, Math.max(1, zoom.scale * factor));
  const real = scale / zoom.scale;
  return bounded({ scale, x: at.x - (at.x - zoom.x) * real, y: at.y - (at.y - zoom.y) * real });
}

export const pannedBy = (zoom: Zoom, x: number, y: number): Zoom => bounded({ ...zoom, x: zoom.x + x, y: zoom.y + y });
