/**
 * The newest picture of a place, changed for the next one only when that is loaded and decoded: never a flash of nothing,
 * never half a picture. A picture that cannot be loaded leaves the one before in its place.
 */
import { type SyntheticEvent, useEffect, useState } from 'react';
import './live-picture.css';

export interface Picture {
  /** The same key is the same picture. */
  key: string;
  src: string;
  srcSet?: string;
}
interface LivePictureProps {
  picture: Picture;
  alt: string;
  sizes?: string;
  onSize?: (size: { width: number; height: number }) => void;
  /** Called when nothing of it can be shown. */
  onBroken?: () => void;
}

export function LivePicture({ picture, alt, sizes, onSize, onBroken }: LivePictureProps) {
  const [shown, setShown] = useState(picture);
  /** The picture does not fill its place: what is left shows the picture itself, out of focus. */
  const [bars, setBars] = useState(false);
  const [before, setBefore] = useState<Picture | null>(null);
  const { key, src, srcSet } = picture;

  useEffect(() => {
    if (key === shown.key) return;
    const next = new Image();
    if (sizes !== undefined) next.sizes = sizes;
    if (srcSet !== undefined) next.srcset = srcSet;
    next.src = src;
    let wanted = true;
    next.decode().then(
      () => {
        if (!wanted) return;
        setBefore(shown);
        setShown({ key, src, ...(srcSet === undefined ? {} : { srcSet }) });
      },
      () => {
        // The picture before stays: the next one comes with its own event.
      },
    );
    return () => {
      wanted = false;
    };
  }, [key, src, srcSet, sizes, shown]);

  const loaded = ({ currentTarget: image }: SyntheticEvent<HTMLImageElement>) => {
    const ratio = image.naturalWidth / image.naturalHeight;
    setBars(Math.abs(ratio / (image.clientWidth / image.clientHeight) - 1) > 0.02);
    onSize?.({ width: image.naturalWidth, height: image.naturalHeight });
  };
  return (
    <>
      {bars && <img className="live-around" src={shown.src} alt="" aria-hidden="true" />}
      {before !== null && (
        <img className="live-before" src={before.src} srcSet={before.srcSet} sizes={sizes} alt="" aria-hidden="true" />
      )}
      <img
        key={shown.key}
        className={before === null ? 'live-now' : 'live-now live-arrives'}
        src={shown.src}
        srcSet={shown.srcSet}
        sizes={sizes}
        alt={alt}
        draggable={false}
        onLoad={loaded}
        onError={onBroken}
        onAnimationEnd={() => setBefore(null)}
      />
    </>
  );
}
