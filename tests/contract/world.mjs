// Writes people.csv and world.json: 130 people, and a platform that has drifted away from them in every way that
// its recipe can repair, so that an apply makes each of the recipe's writing calls at least once.
//
//   node world.mjs PLATFORM FOLDER
import { writeFileSync } from 'node:fs';

const [platform, folder] = process.argv.slice(2);
const number = i => String(i).padStart(3, '0');
const people = Array.from({ length: 130 }, (_, index) => {
  const i = index + 1;
  return {
    key: `E${number(i)}`,
    mail: `p${number(i)}@plantly.example`,
    first: `First${number(i)}`,
    last: `Last${number(i)}`,
    department: i % 2 ? 'engineering' : 'operations',
    status: i === 11 || i === 12 ? 'left' : 'active',
  };
});
const columns = Object.keys(people[0]);
const rows = [columns, ...people.map(one => columns.map(column => one[column]))];
writeFileSync(`${folder}/people.csv`, rows.map(row => row.join(',') + '\n').join(''));

// Number 1 to 3 are missing everywhere; what is odd about the others, each platform says.
const there = people.slice(3).map((one, index) => ({ ...one, i: index + 4 }));
const id = i => `0000000000000000000000${i.toString(16).padStart(2, '0')}`;
const uuid = i => `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
const other = department => (department === 'engineering' ? 'operations' : 'engineering');

const worlds = {
  mainflux: () => ({
    groups: ['engineering', 'operations'].map((name, i) => ({ id: uuid(1000 + i), name })),
    users: there.map(one => ({
      id: uuid(one.i),
      name: one.i === 4 ? 'Somebody Else' : `${one.first} ${one.last}`,
      tags: one.i === 5 ? [] : [one.department],
      credentials: { identity: one.i === 6 ? one.mail.toUpperCase() : one.mail },
      metadata: one.i === 13 ? {} : { employee: one.key },
      status: one.i === 7 ? 'disabled' : 'enabled',
      owner: one.i === 14 ? uuid(4) : undefined,
    })),
    policies: there.flatMap(one => {
      const edge = (department, actions) => ({ subject: uuid(one.i), object: uuid(department === 'engineering' ? 1000 : 1001), actions });
      if (one.i === 9) return [];
      const own = edge(one.department, one.i === 10 ? ['g_list'] : ['g_list', 'm_read']);
      return one.i === 8 ? [own, edge(other(one.department), ['g_list'])] : [own];
    }),
  }),
  gr4vy: () => ({
    users: there.map(one => ({ id: uuid(one.i), name: `${one.first} ${one.last}`, email_address: one.mail })),
  }),
  kestra: () => ({
    groups: ['engineering', 'operations'].map((name, i) => ({ id: id(200 + i), name })),
    users: there.map(one => ({
      id: id(one.i),
      email: one.mail,
      firstName: one.first,
      lastName: one.i === 4 ? 'Else' : one.last,
      superAdmin: one.i === 5,
      restricted: one.i === 6,
      tenants: one.i === 14 ? ['main', 'lab'] : one.i === 13 ? ['lab'] : ['main'],
      groups: one.i === 9 || one.i === 13 ? []
        : one.i === 8 ? [id(200), id(201)] : [id(one.department === 'engineering' ? 200 : 201)],
    })),
  }),
  sigfox: () => ({
    groups: [{ id: id(220), name: 'plantly' }],
    profiles: ['engineering', 'operations', 'everybody'].map((name, i) => ({ id: id(230 + i), name, groupId: id(220) })),
    users: there.map(one => ({
      id: id(one.i),
      name: one.mail,
      timezone: one.i === 5 ? 'UTC' : 'Europe/Paris',
      groupId: id(220),
      profileIds: ['everybody', ...(one.i === 9 ? [] : [one.department]), ...(one.i === 8 ? [other(one.department)] : [])],
    })),
  }),
};
writeFileSync(`${folder}/world.json`, JSON.stringify(worlds[platform](), null, 1) + '\n');
