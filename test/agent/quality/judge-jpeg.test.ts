import { isCutShort, judgeJpeg } from '@slowlight/agent/src/quality/judge-jpeg.ts';
import { verdictOf } from '@slowlight/agent/src/quality/verdict-of.ts';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { labelledPicture } from '../../rig/pictures/picture-set.ts';

let jpeg: Buffer;
beforeAll(async () => {
  jpeg =
    (await labelledPicture('day', 1, { photos: [], size: { widthPx: 640, heightPx: 360 } }))?.jpeg ?? Buffer.alloc(0);
});

describe('a file is judged whatever it holds', () => {
  it('a good one is perfect, and its score follows from its measures alone', async () => {
    const verdict = await judgeJpeg(jpeg);
    expect(verdict).toMatchObject({ score: 100, faults: [] });
    expect(verdictOf(verdict.measures)).toMatchObject({ score: 100, faults: [] });
    expect(verdict.measures.brightness).toBeGreaterThan(20);
  });

  it.each([
    ['nothing at all', () => Buffer.alloc(0)],
    ['one byte', () => Buffer.from([255])],
    ['a page instead of a picture', () => Buffer.from('<html><body>401 Unauthorized</body></html>')],
    ['a head without a picture', () => jpeg.subarray(0, 300)],
  ])('%s is undecodable', async (_, bytes) => {
    expect(await judgeJpeg(bytes())).toMatchObject({ score: 0, faults: ['undecodable'] });
  });

  it.each([0.3, 0.6, 0.9, 0.99])('cut off after %d of it, it is truncated', async (share) => {
    const verdict = await judgeJpeg(jpeg.subarray(0, Math.floor(jpeg.length * share)));
    expect(verdict.faults).toContain('truncated');
    expect(verdict.score).toBeLessThan(70);
  });

  it('a tiny one, a grey one and one with bytes after its end are read', async () => {
    const tiny = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#777' } })
      .jpeg()
      .toBuffer();
    expect((await judgeJpeg(tiny)).faults).not.toContain('undecodable');
    const grey = await sharp(jpeg).greyscale().jpeg().toBuffer();
    expect(await judgeJpeg(grey)).toMatchObject({ faults: [] });
    expect(isCutShort(Buffer.concat([jpeg, Buffer.alloc(3)]))).toBe(false);
    expect(await judgeJpeg(Buffer.concat([jpeg, Buffer.alloc(3)]))).toMatchObject({ faults: [] });
  });
});
