import { judgeJpeg } from '@slowlight/agent/src/quality/judge-jpeg.ts';
import { measureCodes } from '@slowlight/agent/src/quality/measure-codes.ts';
import type { JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { asSharp, noisy } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const scene = noisy(await drawScene('street', { widthPx: 640, heightPx: 360 }, seeded(3)), seeded(1), { sigma: 2 });
const saved = (options: JpegOptions) => asSharp(scene).jpeg(options).toBuffer();
const jpeg = await saved({ quality: 80 });
const changed = (change: (copy: Buffer) => void) => {
  const copy = Buffer.from(jpeg);
  change(copy);
  return copy;
};

describe('the codes of a whole JPEG', () => {
  it.each<[string, JpegOptions]>([
    ['with colours at half the scale', { quality: 80 }],
    ['with colours at full scale', { quality: 95, chromaSubsampling: '4:4:4' }],
    ['poor', { quality: 20 }],
    ['with codes of its own', { quality: 60, optimiseCoding: true }],
  ])('are what an encoder writes: %s', async (_, options) => {
    expect(measureCodes(await saved(options))).toEqual({ brokenCodes: 0 });
  });

  it('in grey as well; of a progressive one nothing is said', async () => {
    const grey = await asSharp(scene).greyscale().jpeg().toBuffer();
    expect(measureCodes(grey)).toMatchObject({ brokenCodes: 0 });
    expect(measureCodes(await saved({ progressive: true }))).toEqual({});
  });

  it('do not mind bytes of one kind before the end', () => {
    const padded = Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(20), jpeg.subarray(-2)]);
    expect(measureCodes(padded)).toMatchObject({ brokenCodes: 0 });
  });
});

describe('a JPEG with wrong codes is bad', () => {
  it('where some bytes were overwritten, nearly wherever that is', () => {
    const random = seeded(5);
    const from = jpeg.indexOf(Buffer.from([0xff, 0xda])) + 14;
    let told = 0;
    for (let k = 0; k < 30; k += 1) {
      const place = from + Math.floor(random() * (jpeg.length - from) * 0.8);
      if (measureCodes(changed((copy) => copy.fill(0x55, place, place + 12))).brokenCodes === 1) told += 1;
    }
    expect(told).toBeGreaterThanOrEqual(26);
  });

  it('where bytes are missing, and is called truncated', async () => {
    const middle = Math.floor(jpeg.length / 2);
    const gone = Buffer.concat([jpeg.subarray(0, middle), jpeg.subarray(middle + 300)]);
    expect((await judgeJpeg(gone)).faults).toContain('truncated');
  });
});
