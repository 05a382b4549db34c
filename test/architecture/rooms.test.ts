import { describe, expect, test } from 'vitest';
import { type Import, importsOf, projectFiles, readProject, roomOf } from './source.ts';

const sources = projectFiles().filter((file) => /^(agent|control-plane|protocol)\/src\/.*\.ts$/.test(file));
const imports: Import[] = sources.flatMap(importsOf);
const hallway = /^(agent|control-plane)\/src\/(frame|ports(-[a-z]+)*)\.ts$/;
const show = ({ from, to }: Import) => `${from} imports ${to}`;

/** A heavy library and the one room of each app that may know it. */
const homes: Record<string, string[]> = {
  'better-sqlite3': ['agent/src/buffer', 'control-plane/src/records'],
  kysely: ['control-plane/src/records'],
  pg: ['control-plane/src/records'],
  sharp: ['agent/src/quality', 'control-plane/src/render'],
  'fluent-ffmpeg': ['agent/src/capture', 'control-plane/src/render'],
  '@aws-sdk/client-s3': ['control-plane/src/objects'],
  '@peculiar/x509': ['control-plane/src/certificates'],
  '@aws-sdk/s3-request-presigner': ['control-plane/src/objects'],
  mqtt: ['agent/src/uplink', 'control-plane/src/broker', 'control-plane/src/home-automation'],
  aedes: ['control-plane/src/broker'],
  fastify: ['control-plane/src/http'],
  croner: ['protocol/src'],
  harfbuzzjs: ['control-plane/src/render'],
  luxon: ['control-plane/src/render'],
  saxes: ['control-plane/src/render'],
};

describe('the house', () => {
  test('has been looked at: there are files, imports and rooms to check', () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(200);
    expect(new Set(sources.map(roomOf)).size).toBeGreaterThan(10);
  });

  test('rooms have doors only to the hallway', () => {
    const throughWalls = imports.filter(({ from, to }) => {
      const room = roomOf(from);
      return room !== null && to.endsWith('.ts') && !to.startsWith(`${room}/`) && !hallway.test(to);
    });
    expect(throughWalls.map(show)).toEqual([]);
  });

  test('agent, control plane and protocol never import each other’s sources, and protocol imports neither', () => {
    const across = imports.filter(({ from, to }) => {
      const own = from.split('/')[0];
      return (
        (/^(agent|control-plane|protocol)\//.test(to) && to.split('/')[0] !== own) ||
        /^@slowlight\/(agent|control-plane)/.test(to)
      );
    });
    expect(across.map(show)).toEqual([]);
  });

  test('a heavy library lives in one room of each app', () => {
    const astray = imports.filter(({ from, to }) => {
      const home = homes[to];
      return home !== undefined && !home.some((room) => from.startsWith(`${room}/`));
    });
    expect(astray.map(show)).toEqual([]);
    const used = new Set(imports.map(({ to }) => to));
    expect(Object.keys(homes).filter((library) => !used.has(library))).toEqual([]);
  });

  test('fluent-ffmpeg is known to one file of each app', () => {
    const files = new Set(imports.filter(({ to }) => to === 'fluent-ffmpeg').map(({ from }) => from));
    expect([...files].sort()).toEqual(['agent/src/capture/ffmpeg.ts', 'control-plane/src/render/ffmpeg.ts']);
  });

  test('only the hallway pages and protocol’s two doors are shared; nothing else re-exports', () => {
    const doors = ['protocol/src/index.ts', 'protocol/src/kit/index.ts'];
    const reexporting = sources.filter(
      (file) => !doors.includes(file) && /^export (\*|\{[^}]*\}) from /m.test(readProject(file)),
    );
    expect(reexporting).toEqual([]);
  });

  test('only config.ts reads the environment, only main.ts and the page end the process', () => {
    const reading = sources.filter(
      (file) => !/\/(config|main)\.ts$/.test(file) && /process\.env\b/.test(readProject(file)),
    );
    const ending = sources.filter((file) => !file.endsWith('/main.ts') && /process\.exit\(/.test(readProject(file)));
    expect({ reading, ending }).toEqual({ reading: [], ending: [] });
  });

  test('time is asked for and waited for only in the clock', () => {
    const asking = sources.filter(
      (file) =>
        file !== 'protocol/src/kit/clock.ts' &&
        /\bDate\.now\(\)|\bsetInterval\(|\bnew Date\(\)|\bsetTimeout\(/.test(code(file)),
    );
    expect(asking).toEqual([]);
  });

  test('no file has grown beyond 300 lines, and none has a name that says nothing', () => {
    const all = projectFiles().filter((file) => /\.(ts|tsx|mjs)$/.test(file));
    expect(all.filter((file) => readProject(file).split('\n').length > 301)).toEqual([]);
    expect(
      all.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager|service)[^/]*(\/|\.tsx?$)/i.test(file)),
    ).toEqual([]);
  });

  test('nothing is left for later in the source', () => {
    const all = projectFiles().filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.startsWith('test/architecture/'));
    const left = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|\b(describe|test|it)\.(skip|only|todo)\b/;
    expect(all.filter((file) => left.test(readProject(file)))).toEqual([]);
  });
});

/** The file without its comments. */
function code(file: string): string {
  return readProject(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
