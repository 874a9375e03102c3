import { Receiver } from '../helpers/receiver';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { Environment } from '../../src/config/environment';
import { type HostAddress, type ResolveHost } from '../../src/webhooks/target/host-resolver';
import { TargetCheck } from '../../src/webhooks/target/target-check';
import { DeliverySender } from '../../src/webhooks/worker/delivery-sender';
import { testVariables } from '../helpers/environment';

const PUBLIC: HostAddress = { address: '93.184.215.14', family: 4 };
const LOOPBACK: HostAddress = { address: '127.0.0.1', family: 4 };

describe('the target of a webhook', () => {
  describe('when it is registered', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await createTestApp({ role: 'api' });
    });

    afterAll(async () => {
      await app.close();
    });

    it.each([
      ['no URL', 'example.com', 'invalid_url'],
      ['another protocol', 'ftp://8.8.8.8/', 'invalid_url'],
      ['no TLS', 'http://8.8.8.8/', 'https_required'],
      ['a password', 'https://user:secret@8.8.8.8/', 'invalid_url'],
      ['loopback', 'https://127.0.0.1:9000/', 'forbidden_address'],
      ['loopback, short', 'https://127.1/', 'forbidden_address'],
      ['loopback as a number', 'https://2130706433/', 'forbidden_address'],
      ['loopback in hex', 'https://0x7f000001/', 'forbidden_address'],
      ['loopback in octal', 'https://0177.0.0.1/', 'forbidden_address'],
      ['loopback in other digits', 'https://①②⑦.⓪.⓪.①/', 'forbidden_address'],
      ['loopback of IPv6', 'https://[::1]/', 'forbidden_address'],
      ['loopback in IPv6', 'https://[::ffff:127.0.0.1]/', 'forbidden_address'],
      ['private', 'https://192.168.0.1/', 'forbidden_address'],
      ['metadata', 'https://169.254.169.254/latest/meta-data', 'forbidden_address'],
      ['a name that is only known here', 'https://localhost/', 'unresolvable'],
      ['too long', `https://8.8.8.8/${'x'.repeat(2_048)}`, 'too_long'],
    ])('is refused with what is wrong with it: %s', async (_, url, code) => {
      const answer = await app.client().post('/api/webhooks', { url });

      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual([{ field: 'url', code, message: expect.any(String) }]);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
    });

    it('is refused as well when it is changed', async () => {
      const client = app.client();
      const { body } = await client.post('/api/webhooks', { url: 'https://8.8.8.8/' });

      const answer = await client.patch(`/api/webhooks/${body.data.id}`, { url: 'https://10.0.0.1/' });

      expect(answer.status).toBe(400);
      expect((await client.get(`/api/webhooks/${body.data.id}`)).body.data.url).toBe('https://8.8.8.8/');
    });
  });

  describe('with names of which the test says what they mean', () => {
    let receiver: Receiver;

    beforeEach(async () => {
      receiver = await Receiver.start();
    });

    afterEach(async () => {
      await receiver.close();
    });

    const partsWith = (resolve: ResolveHost, variables: Record<string, string> = {}) => {
      const environment = Environment.read(testVariables({ WEBHOOK_ALLOW_HTTP: 'true', ...variables }));
      const targets = new TargetCheck(environment, resolve);
      return { targets, sender: new DeliverySender(environment, targets) };
    };
    const send = (sender: DeliverySender, url: string) =>
      sender.send(url, {}, '{}', new AbortController().signal);
    const named = (): string => {
      const url = new URL(receiver.url);
      url.hostname = 'rebinding.example';
      return url.href;
    };

    it('is refused when one of several addresses is not public', async () => {
      const { targets } = partsWith(() => Promise.resolve([PUBLIC, LOOPBACK]));

      await expect(targets.vet('https://rebinding.example/')).rejects.toMatchObject({
        problem: 'forbidden_address',
      });
    });

    it('is looked at again at the connection: a name that means this machine by then gets none', async () => {
      const meanings = [[PUBLIC], [LOOPBACK]];
      const { targets, sender } = partsWith(() => Promise.resolve(meanings.shift() ?? [LOOPBACK]));

      await targets.vet(named());
      const sent = await send(sender, named());

      expect(sent).toMatchObject({ error: 'the host has an address that is not on the public internet' });
      expect(receiver.connections).toBe(0);
    });

    it('is not connected to by an address that stands in the URL', async () => {
      const { sender } = partsWith(() => Promise.reject(new Error('not asked')));

      const sent = await send(sender, receiver.url);

      expect(sent.error).toBe('the host has an address that is not on the public internet');
      expect(receiver.connections).toBe(0);
    });

    it('is connected to by the very address that was checked', async () => {
      let asked = 0;
      const resolve = () => {
        asked += 1;
        return Promise.resolve([LOOPBACK]);
      };
      const { sender } = partsWith(resolve, { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32' });

      const sent = await send(sender, named());

      expect(sent).toMatchObject({ status: 204 });
      expect(asked).toBe(1);
      expect(receiver.received[0]?.headers.host).toMatch(/^rebinding\.example:/);
    });

    it('is sent to without a proxy, whatever the environment says', async () => {
      const proxy = await Receiver.start();
      const before = process.env.http_proxy;
      process.env.http_proxy = new URL(proxy.url).origin;
      const { sender } = partsWith(() => Promise.resolve([LOOPBACK]), {
        WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32',
      });

      const sent = await send(sender, named());
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;

      expect(sent.status).toBe(204);
      expect(proxy.connections).toBe(0);
      await proxy.close();
    });

    it.each([301, 302, 303, 307, 308])('is not where a redirect leads: %i', async (status) => {
      const inside = await Receiver.start();
      receiver.answer = (response) => response.writeHead(status, { location: inside.url }).end();
      const { sender } = partsWith(() => Promise.resolve([LOOPBACK]), {
        WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32',
      });

      const sent = await send(sender, named());
      await inside.close();

      expect(sent).toMatchObject({ status });
      expect([receiver.connections, inside.connections]).toEqual([1, 0]);
    });

    it('is given up when it does not answer in time', async () => {
      receiver.hang();
      const { sender } = partsWith(() => Promise.resolve([LOOPBACK]), {
        WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32',
        WEBHOOK_TIMEOUT_MS: '200',
      });

      const sent = await send(sender, named());

      expect(sent).toMatchObject({ error: 'timeout' });
      expect(sent.durationMs).toBeLessThan(2_000);
    });

    it('is given up when its name is never answered', async () => {
      const { sender } = partsWith(() => new Promise(() => undefined), { WEBHOOK_TIMEOUT_MS: '200' });

      expect(await send(sender, named())).toMatchObject({ error: 'timeout' });
    });
  });
});
