import { cleanAsset, createOverlayAssets } from '@slowlight/control-plane/src/render/overlay/overlay-assets.ts';
import { sanitiseSvg } from '@slowlight/control-plane/src/render/overlay/sanitise-svg.ts';
import { type AssetId, type AssetView, assetKey, MOST_ASSET_BYTES } from '@slowlight/protocol';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openDirectoryStore } from '../../rig/directory-store.ts';

const svg = (inside: string, root = 'width="40" height="20"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" ${root}>${inside}</svg>`;
const picture = sharp({ create: { width: 30, height: 20, channels: 3, background: '#c00' } });
const bytes = (text: string) => Buffer.from(text);

describe('an SVG', () => {
  test('keeps its drawing and nothing else', () => {
    const clean = sanitiseSvg(
      `<?xml version="1.0"?><!-- made by hand --><!DOCTYPE svg>${svg(
        `<title>x</title><script>alert(1)</script><metadata><a href="http://e"/></metadata>
         <defs><linearGradient id="g"><stop offset="0" style="stop-color:#f00;stop-opacity:.5;-x-evil:1"/></linearGradient></defs>
         <g onclick="evil()" inkscape:label="y" xmlns:inkscape="http://www.inkscape.org/"><inkscape:page/>
         <path d="M0 0h9v9z" fill="url(#g)" class="a" data-x="1"/>words</g>`,
      )}`,
    );
    expect(clean).not.toMatch(
      /script|alert|onclick|inkscape|metadata|title|made by hand|DOCTYPE|class|data-x|evil|words/,
    );
    expect(clean).toContain('<path d="M0 0h9v9z" fill="url(#g)">');
    expect(clean).toContain('stop-color="#f00" stop-opacity=".5"');
  });

  test.each([
    ['<text>Logo</text>', 'the element text'],
    ['<image href="x.png"/>', 'the element image'],
    ['<foreignObject/>', 'the element foreignObject'],
    ['<style>@import url(http://e)</style>', 'the element style'],
    ['<use href="#a"/>', 'the element use'],
    ['<animate attributeName="x"/>', 'the element animate'],
    ['<a href="http://e"><path d="M0 0"/></a>', 'the element a'],
    ['<path fill="url(http://e/x#a)"/>', 'fill with a reference to something outside'],
    ['<path style="fill:url( \'//e\' )"/>', 'fill with a reference to something outside'],
    ['<path mask="u\\72l(x)"/>', 'mask with a reference to something outside'],
    [
      '<linearGradient xlink:href="file:///etc/passwd" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
      'a reference to file:///etc/passwd',
    ],
    ['<svg/>', 'the element svg'],
    [`${'<g>'.repeat(70)}${'</g>'.repeat(70)}`, 'more than 20000 elements'],
  ])('with $1 is refused by name', (inside, what) => {
    expect(() => sanitiseSvg(svg(inside))).toThrow(
      expect.objectContaining({ code: 'asset.refused', message: expect.stringContaining(what) }),
    );
  });

  test('that multiplies itself, is no XML or another document is refused', async () => {
    const bomb = `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${svg('<path d="&b;"/>')}`;
    expect(() => sanitiseSvg(bomb)).toThrow(expect.objectContaining({ code: 'asset.refused' }));
    for (const damaged of ['<svg', svg('<path>'), svg('<path d="&nope;"/>'), '<svg>no namespace</svg>', '<html/>'])
      expect(() => sanitiseSvg(damaged)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^asset\./) }));
    await expect(cleanAsset(Buffer.from([0x3c, 0x73, 0x76, 0x67, 0xff, 0xfe]))).rejects.toMatchObject({
      code: 'asset.unreadable',
    });
  });

  test('is measured, and looks as it did', async () => {
    const given = svg('<rect width="40" height="10" fill="#00f"/><circle cx="20" cy="15" r="4" style="fill:#ff0"/>');
    const clean = await cleanAsset(bytes(given));
    expect(clean).toMatchObject({ type: 'image/svg+xml', widthPx: 40, heightPx: 20 });
    const [before, after] = await Promise.all(
      [given, clean.bytes].map((one) => sharp(Buffer.from(one)).raw().toBuffer()),
    );
    expect(after?.equals(before ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('pixels', () => {
  test.each(['png', 'jpeg', 'webp'] as const)(
    'of a %s are encoded here, without what else was in the file',
    async (format) => {
      const given = await picture
        .clone()
        .withExif({ IFD0: { Copyright: 'secret' } })
        .toFormat(format)
        .toBuffer();
      const { type, widthPx, heightPx, bytes: kept } = await cleanAsset(given);
      expect([type, widthPx, heightPx]).toEqual(['image/png', 30, 20]);
      expect((await sharp(kept).metadata()).exif).toBeUndefined();
      expect(kept.includes('secret')).toBe(false);
    },
  );

  test('keep their transparency, stand upright, and are shrunk where no overlay shows more', async () => {
    const clear = await sharp({ create: { width: 4, height: 4, channels: 4, background: '#ff000080' } })
      .png()
      .toBuffer();
    expect(
      (
        await sharp((await cleanAsset(clear)).bytes)
          .raw()
          .toBuffer()
      )[3],
    ).toBe(128);
    const lying = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await cleanAsset(lying)).toMatchObject({ widthPx: 20, heightPx: 30 });
    const wide = await sharp({ create: { width: 5000, height: 10, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    expect(await cleanAsset(wide)).toMatchObject({ widthPx: 4096, heightPx: 8 });
  });

  test('that are none, too many, or of another kind are refused', async () => {
    const whole = await picture.clone().jpeg().toBuffer();
    const gif = await picture.clone().gif().toBuffer();
    const claims = await sharp({ create: { width: 8000, height: 8000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    for (const bad of [Buffer.alloc(0), Buffer.from('GIF'), gif, whole.subarray(0, whole.length / 2), claims])
      await expect(cleanAsset(bad)).rejects.toMatchObject({ code: 'asset.unreadable' });
    await expect(cleanAsset(Buffer.alloc(MOST_ASSET_BYTES + 1))).rejects.toMatchObject({ code: 'asset.too-large' });
  });
});

test('an asset is in the store before it is known, and leaves it after it is not', async () => {
  const { store } = await openDirectoryStore();
  const rows = new Map<AssetId, AssetView>();
  const assets = createOverlayAssets({
    objects: store,
    records: {
      asset: async (id) => rows.get(id) ?? null,
      async createAsset(asset) {
        expect(await store.stat(assetKey(asset.id, asset.type))).toMatchObject({ sizeBytes: asset.sizeBytes });
        rows.set(asset.id, { ...asset, createdAt: 1 });
        return { ...asset, createdAt: 1 };
      },
      async deleteAsset(id) {
        return rows.delete(id);
      },
    },
  });
  const { id } = await assets.take({ name: 'Logo', bytes: await picture.clone().png().toBuffer() });
  expect(await assets.read(id)).toMatchObject({ type: 'image/png', widthPx: 30, heightPx: 20 });
  expect(await assets.remove(id)).toBe(true);
  expect(await store.stat(assetKey(id, 'image/png'))).toBeNull();
  expect(await assets.remove(id)).toBe(false);
  expect(await assets.read(id)).toBeNull();
});
