import { describe, expect, test } from 'vitest';
import { readExportPage, readListPage } from '../../../extract/pages/page.ts';
import { plainScan } from '../../../extract/pages/scan.ts';

const REQUEST = { entity: 'jobs', method: 'GET', path: '/jpm/v2/tenant/1/export/jobs' } as const;
const read = (body: string | Buffer) =>
  readExportPage({ body: Buffer.from(body), request: REQUEST }, plainScan);
const records = (body: string) => {
  const { bytes, scan } = read(body);
  return scan.starts.map((start, index) => bytes.toString('utf8', start, scan.ends[index]));
};

describe('reading a page of an export feed', () => {
  test('a page holds its records as the bytes that came, whatever the order of the envelope', () => {
    const body = '{"data":[{"id":1,"s":"]}\\"{["},{"a":{"b":[1,{}]}}],"hasMore":false,"continueFrom":"x"}';
    expect(records(body)).toEqual(['{"id":1,"s":"]}\\"{["}', '{"a":{"b":[1,{}]}}']);
  });

  test('an empty page at the end of a feed is accepted', () => {
    expect(read('{"hasMore":false,"continueFrom":"x","data":[]}')).toMatchObject({
      hasMore: false,
      continueFrom: 'x',
    });
  });

  test('an empty page of a feed may say that there is more, and one of a list may not', () => {
    expect(read('{"hasMore":true,"continueFrom":"x","data":[]}')).toMatchObject({ hasMore: true });
    const body = Buffer.from('{"page":1,"hasMore":true,"totalCount":1,"data":[]}');
    expect(() => readListPage({ body, request: REQUEST }, plainScan, { page: 1 })).toThrow(
      'hasMore is true although data is empty',
    );
  });

  test('members that the envelope may gain, and errors that are empty, are accepted', () => {
    const body =
      '{"hasMore":false,"continueFrom":"x:y","data":[{"a:b":"c:d"}],"errors":[],"traceId":"a:\\":b","at":{"x":1}}';
    expect(records(body)).toEqual(['{"a:b":"c:d"}']);
  });

  test('a pretty-printed page is accepted', () => {
    const body = JSON.stringify({ hasMore: false, continueFrom: 'x', data: [{ id: 1 }, { id: 2 }] }, null, 2);
    expect(records(body).map((text) => JSON.parse(text))).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('records are not taken from a nested data array', () => {
    const body = '{"inner":{"data":[{"id":9}]},"data":[{"id":1}],"hasMore":false,"continueFrom":"x"}';
    expect(records(body)).toEqual(['{"id":1}']);
  });
});

describe('bodies that are not a page', () => {
  const around = (hasMore: string, data = '[{"id":1}]') =>
    `{"hasMore":${hasMore},"continueFrom":"x","data":${data}}`;

  test.each([
    ['an empty body', '', 'the body is empty'],
    ['HTML', '<html><body>Maintenance</body></html>', 'begins with <html><body>…'],
    ['a bare array', '[{"id":1}]', 'no array named data'],
    ['a JSON string', '"data"', 'no array named data'],
    ['an object as data', '{"hasMore":false,"continueFrom":"x","data":{}}', 'no array named data'],
    ['null as data', '{"hasMore":false,"continueFrom":"x","data":null}', 'no array named data'],
    ['a cut-off record', '{"hasMore":false,"continueFrom":"x","data":[{"id":1},{"i', 'ends inside data'],
    ['a cut-off envelope', '{"hasMore":false,"data":[{"id":1}]', 'the text around data is not a JSON object'],
    ['bytes after the end', `${around('false')}<!-- -->`, 'the text around data is not a JSON object'],
    ['a number among records', around('false', '[{"id":1},5]'), 'not an object'],
    ['a text among records', around('false', '["x"]'), 'not an object'],
    ['null among records', around('false', '[null]'), 'not an object'],
    ['a list among records', around('false', '[[]]'), 'not an object'],
    ['a missing comma', around('false', '[{"id":1}{"id":2}]'), 'no comma between two records'],
    ['a comma too many', around('false', '[{"id":1},]'), 'ends with a comma'],
    ['two commas', around('false', '[{"id":1},,{"id":2}]'), 'a comma has no record before it'],
    ['no hasMore', '{"continueFrom":"x","data":[]}', 'hasMore is missing'],
    ['hasMore null', around('null'), 'hasMore is null'],
    ['hasMore as text', around('"true"'), 'hasMore is a string'],
    ['hasMore as number', around('1'), 'hasMore is a number'],
    ['no continuation token', '{"hasMore":false,"data":[]}', 'continueFrom is missing'],
    [
      'data twice, the first empty',
      '{"hasMore":false,"continueFrom":"x","data":[],"data":[{"id":1}]}',
      'comes twice',
    ],
    [
      'data twice with an escape',
      '{"hasMore":false,"continueFrom":"x","data":[],"d\\u0061ta":[{"id":1}]}',
      'comes twice',
    ],
    [
      'Data beside data',
      '{"hasMore":false,"continueFrom":"x","data":[],"Data":[{"id":1}]}',
      'in two spellings',
    ],
    ['hasMore twice', '{"hasMore":true,"hasMore":false,"continueFrom":"x","data":[{"id":1}]}', 'comes twice'],
    [
      'HasMore beside hasMore',
      '{"HasMore":true,"hasMore":false,"continueFrom":"x","data":[]}',
      'in two spellings',
    ],
    [
      'a problem of another status',
      '{"status":503,"hasMore":false,"continueFrom":"x","data":[]}',
      'error answers, status',
    ],
    ['errors', '{"errors":[{"x":1}],"hasMore":false,"continueFrom":"x","data":[]}', 'error answers, errors'],
    [
      'a message',
      '{"Message":"Busy","hasMore":false,"continueFrom":"x","data":[{"id":1}]}',
      'error answers, Message',
    ],
    [
      'an empty continuation token',
      '{"hasMore":false,"continueFrom":"","data":[]}',
      'continueFrom is a string',
    ],
  ])('a body that is not a page is an error and never an empty page: %s', (_, body, reason) => {
    expect(() => read(body)).toThrow(reason);
    expect(() => read(body)).toThrow('jobs: GET /jpm/v2/tenant/1/export/jobs answered 200, but');
  });

  test('a body that is not UTF-8 is an error', () => {
    const body = Buffer.concat([
      Buffer.from('{"data":[{"s":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}]}'),
    ]);
    expect(() => read(body)).toThrow('the body is not UTF-8');
  });

  test('the error about a strange body shows where its JSON begins and none of its values', () => {
    const bodies = [
      '{"traceId":"t","customer":"Mrs Example","x":[{"name":"Mrs Example"}]}',
      '[{"name":"Mrs Example"}]',
    ];
    for (const body of bodies) expect(() => read(body)).toThrow(/^(?!.*Mrs Example).*it begins with [[{]/s);
  });
});

describe('reading a page of a list', () => {
  const list = (body: string) =>
    readListPage({ body: Buffer.from(body), request: REQUEST }, plainScan, { page: 2 });

  test('a list page with another page number than requested is an error', () => {
    expect(() => list('{"page":1,"hasMore":false,"totalCount":null,"data":[]}')).toThrow(
      'it is not the requested page 2',
    );
  });

  test.each(['"3"', '1.5', 'true'])('a list page with totalCount %s is an error', (total) => {
    expect(() => list(`{"page":2,"hasMore":false,"totalCount":${total},"data":[]}`)).toThrow('totalCount is');
  });

  test('a list page without totalCount is accepted', () => {
    expect(list('{"page":2,"hasMore":false,"data":[]}').totalCount).toBeNull();
  });
});
