/** Photographs under free licences that Debian packages ship, where they are installed or unpacked. Drawn scenes need none. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Where they are. */
export const PHOTOGRAPH_PACKAGES: readonly string[] = [
  'mate-backgrounds',
  'plasma-workspace-wallpapers',
  'lomiri-wallpapers-16.04',
  'python3-sklearn',
  'python3-skimage',
  'opencv-doc',
];

const PHOTOGRAPHS: Readonly<Record<'designed' | 'heldOut', readonly string[]>> = {
  designed: [
    'usr/share/backgrounds/mate/nature/Dune.jpg',
    'usr/share/backgrounds/mate/nature/GreenMeadow.jpg',
    'usr/share/wallpapers/Path/contents/images/2560x1600.jpg',
    'usr/share/wallpapers/EveningGlow/contents/images/2560x1600.jpg',
    'usr/share/wallpapers/Grey/contents/images/2560x1600.jpg',
    'usr/share/wallpapers/BytheWater/contents/images/2560x1600.jpg',
    'usr/share/backgrounds/aitzgorri_by_Aitzol_Berasategi.jpg',
    'usr/share/backgrounds/picosdeeuropa_by_Aitzol_Berasategi.jpg',
    'usr/share/backgrounds/Wine_by_Jakkub_Mede.jpg',
    'usr/lib/python3/dist-packages/skimage/data/coffee.png',
    'usr/share/doc/opencv-doc/opencv4/html/corridor_fld.jpg',
  ],
  heldOut: [
    'usr/share/backgrounds/life_by_Aitzol_Berasategi.jpg',
    'usr/share/backgrounds/Bridge_by_Sander_Klootwijk.jpg',
    'usr/share/backgrounds/friends_by_Aitzol_Berasategi.jpg',
    'usr/share/backgrounds/sunset_by_Aitzol_Berasategi.jpg',
    'usr/share/backgrounds/Dragonfly_by_Bolly.jpg',
    'usr/share/wallpapers/summer_1am/contents/images/2560x1600.jpg',
    'usr/share/wallpapers/ColdRipple/contents/images/2560x1600.jpg',
    'usr/lib/python3/dist-packages/sklearn/datasets/images/china.jpg',
    'usr/lib/python3/dist-packages/skimage/data/motorcycle_left.png',
    'usr/lib/python3/dist-packages/skimage/data/rocket.jpg',
    'usr/share/doc/opencv-doc/examples/data/leuvenA.jpg',
    'usr/share/doc/opencv-doc/opencv4/html/yolo.jpg',
  ],
};

/** `folder` may hold packages unpacked side by side; without it they are looked for where apt installs them. */
export function photographs(half: 'designed' | 'heldOut', folder = process.env.SLOWLIGHT_PHOTOGRAPHS): string[] {
  const roots = folder === undefined ? ['/'] : [folder, ...foldersIn(folder)];
  return PHOTOGRAPHS[half].flatMap((file) =>
    roots
      .map((root) => path.join(root, file))
      .filter(exists)
      .slice(0, 1),
  );
}
const foldersIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name));
const exists = (file: string): boolean => {
  try {
    return readdirSync(path.dirname(file)).includes(path.basename(file));
  } catch {
    return false;
  }
};
