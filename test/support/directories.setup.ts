import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { aptInstall } from './apt.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Whether this machine has the servers that sources of people are read from. */
    slapd: boolean;
    /** Samba's domain controller of Active Directory, and the right to run it. */
    samba: boolean;
    /** OpenSSH's server, which tests of SFTP start. */
    sshd: boolean;
  }
}

const isRoot = process.getuid?.() === 0;
const servers = {
  slapd: {
    files: ['/usr/sbin/slapd', '/usr/sbin/slapadd', '/usr/lib/ldap/memberof.so', '/usr/bin/ldapsearch'],
    packages: ['slapd', 'ldap-utils'],
    isAllowed: true,
    leftOut: 'Tests against OpenLDAP are left out: slapd is not here, and cannot be installed (apt, as root).',
  },
  samba: {
    files: ['/usr/sbin/samba', '/usr/bin/samba-tool', '/usr/share/samba/setup/ad-schema'],
    packages: ['samba', 'samba-ad-dc', 'samba-ad-provision', 'samba-dsdb-modules', 'winbind', 'python3-samba'],
    isAllowed: isRoot,
    leftOut: 'Tests against Active Directory are left out: they need root and Samba’s domain controller (samba-ad-dc).',
  },
  sshd: {
    files: ['/usr/sbin/sshd', '/usr/bin/ssh-keygen'],
    packages: ['openssh-server'],
    isAllowed: true,
    leftOut: 'Tests of SFTP are left out: OpenSSH’s server is not here, and cannot be installed (apt, as root).',
  },
} as const;

/** Run once by vitest, before the first test file: installs what is missing, and says in one line what is left out. */
export default function setup(project: TestProject): void {
  const isThere = (name: keyof typeof servers) =>
    servers[name].isAllowed && servers[name].files.every((file) => existsSync(file));
  const names = ['slapd', 'samba', 'sshd'] as const;
  const missing = names.filter((name) => !isThere(name));
  if (missing.length > 0) aptInstall(missing.flatMap((name) => servers[name].packages));
  for (const name of names) {
    if (!isThere(name)) console.log(servers[name].leftOut);
    project.provide(name, isThere(name));
  }
}
