import { Argument, type Command } from 'commander';
import { type KeyKind, keyKinds } from '../../connections/connection.ts';
import { ForeknowError } from '../../errors/errors.ts';
import type { ConnectionView } from '../../gateway/types.ts';
import { snakeCase } from '../../lib/case.ts';
import { withEgress } from '../egress-flags.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { given } from '../limit-flags.ts';
import { confirmOrThrow } from '../prompt.ts';
import { readToken } from '../secret-input.ts';

type Flags = FolderFlags & JsonFlag;

/** `connections keys`: what a connection may do besides reading. */
export function addConnectionKeys(connections: Command, kit: Kit): void {
  const { context, action } = kit;
  const keys = connections
    .command('keys')
    .description('Keys for other APIs of the account: SCIM, User Events, GraphQL')
    .addHelpText(
      'after',
      examples('connections keys list acme', 'connections keys add acme events --token-file key.txt'),
    );
  withFolder(keys.command('list <connection>').description('The keys that a connection holds'))
    .addHelpText('after', examples('connections keys list acme'))
    .action(
      action(async (name: string, flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.connections.get(name));
        const { tokens, baseUrls } = found;
        const listed = tokens.map((token) => ({ ...token, url: baseUrls[token.kind] ?? null }));
        context.output.answer(snakeCase(listed), () => keysText(found));
      }),
    );
  addAdd(keys, kit);
  withFolder(
    keys
      .command('remove <connection>')
      .description('Forget a key')
      .addArgument(kindArgument())
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', examples('connections keys remove acme scim'))
    .action(
      action(async (name: string, kind: KeyKind, flags: Flags & { yes?: boolean }) => {
        await confirmOrThrow(context, flags.yes, `Forget the ${kind} key of ${name}?`);
        const found = await writing(context, flags, (writes) => writes.connections.removeKey(name, kind));
        context.output.answer(snakeCase(found), () => `removed the ${kind} key of ${name}\n`);
        if (kind === 'scim') context.output.note(SCIM_STAYS);
      }),
    );
}

function addAdd(keys: Command, { context, action }: Kit): void {
  const command = keys
    .command('add <connection>')
    .description('Prove a key with one request, and keep it sealed; one of the same kind is replaced')
    .addArgument(kindArgument())
    .option('--token-file <file>', 'file with the key; - reads stdin')
    .option('--tenant-url <url>', 'with scim: the tenant URL, as it stands beside the token in the console')
    .option('--url <url>', 'with events, product: another address than KnowBe4’s own (an emulator, say)');
  withFolder(withEgress(command))
    .addHelpText(
      'after',
      examples(
        'connections keys add acme scim --tenant-url https://… --token-file scim.txt',
        'connections keys add acme product --token-file - < key.txt',
      ),
    )
    .action(
      action(
        async (
          name: string,
          kind: KeyKind,
          flags: Flags & { tokenFile?: string; tenantUrl?: string; url?: string },
        ) => {
          const url = addressOf(kind, flags);
          const input = { token: await readToken(context, flags.tokenFile, '--token-file'), ...given({ url }) };
          const result = await writing(context, flags, (writes) => writes.connections.addKey(name, kind, input));
          context.output.answer(snakeCase(result), () =>
            [`added the ${kind} key of ${name}`, ...result.warnings, ''].join('\n'),
          );
        },
      ),
    );
}

function addressOf(kind: KeyKind, { tenantUrl, url }: { tenantUrl?: string; url?: string }): string | undefined {
  const isScim = kind === 'scim';
  const odd = isScim ? url !== undefined && '--url' : tenantUrl !== undefined && '--tenant-url';
  if (!odd) return isScim ? tenantUrl : url;
  throw new ForeknowError('invalid_request', { detail: `${odd} does not go with ${kind}.`, field: odd });
}

const kindArgument = (): Argument => new Argument('<kind>', 'what the key is for').choices(keyKinds);

const keysText = ({ tokens, baseUrls }: ConnectionView): string =>
  tokens
    .map(
      ({ kind, fingerprint, createdAt }) =>
        `${kind.padEnd(10)} ${fingerprint}  since ${createdAt.slice(0, 10)}${baseUrls[kind] === undefined ? '' : `  ${baseUrls[kind]}`}\n`,
    )
    .join('');

const SCIM_STAYS =
  'Nothing is written any more. At KnowBe4 SCIM stays switched on, and what was sent last counts, until somebody switches user provisioning off in its console.';
