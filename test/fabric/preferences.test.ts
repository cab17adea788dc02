import t from 'tap';
import { parsePreferences } from '../../src/fabric/preferences.ts';

t.test('nothing said is a volunteer’s choice, frozen', async (t) => {
  const preferences = parsePreferences({});
  t.match(preferences, { cpuPercentBusy: 50, cpuPercentIdle: 100, onlyWhenIdle: false, onBattery: false });
  t.ok(Object.isFrozen(preferences) && Object.isFrozen(preferences.windows));
});

t.test('what is said is kept, completed with the rest', async (t) => {
  const preferences = parsePreferences({
    cores: 2,
    windows: [{ from: '22:00', to: '06:00', days: ['friday'] }],
  });
  t.equal(preferences.cores, 2);
  t.same(preferences.windows, [{ from: '22:00', to: '06:00', days: ['friday'] }]);
  t.equal(preferences.idleMinutes, 3);
  t.equal(parsePreferences({ windows: [{ from: '00:00', to: '24:00' }] }).windows[0]!.days.length, 7);
});

t.test('mistakes are named with their place', async (t) => {
  const mistakes: [unknown, string][] = [
    [{ cpuPercentBusy: 101 }, 'cpuPercentBusy'],
    [{ cores: 0 }, 'cores'],
    [{ cores: 1.5 }, 'cores'],
    [{ windows: [{ from: '25:00', to: '06:00' }] }, 'windows.0.from'],
    [{ windows: [{ from: '22:00', to: '06:00', days: ['caturday'] }] }, 'windows.0.days.0'],
    [{ exclusivePrograms: [''] }, 'exclusivePrograms.0'],
    [{ onlyWhenIdel: true }, 'the whole'],
    [null, 'the whole'],
  ];
  for (const [value, at] of mistakes) {
    t.throws(() => parsePreferences(value), { code: 'FABRIC_PREFERENCES_INVALID', details: { at } }, at);
  }
});
