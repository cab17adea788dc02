import t from 'tap';
import { programsProbe, readPower } from '../../src/fabric/probe-owner-use.ts';

t.test('programs are found without case and ending', async (t) => {
  const read = programsProbe(['DOOM', 'vlc', 'absent'], async () => ['bash', 'doom.exe', 'VLC']);
  t.same((await read()).running, ['DOOM', 'vlc']);
});

t.test('without programs to look for, nothing is listed', async (t) => {
  const read = programsProbe([], async () => {
    t.fail('listed');
    return [];
  });
  t.same((await read()).running, []);
});

t.test('power is as the system says', async (t) => {
  t.same(await readPower(async () => true), { kind: 'power', onBattery: true });
});
