/* The rules of examples/rules/halden.yaml, which a package does not hold. A test keeps the two equal. */

export const haldenRules = `# yaml-language-server: $schema=../../docs/foreknow-rules.schema.json
#
# Rules of the sample company Halden Foods: a food maker with plants and warehouses, a few offices, and an export of its HR system
# that names people’s managers by address. foreknow rules check and foreknow rules test run on it as it stands.
version: 1

# What the export has. With this list a misspelt name is an error, not an attribute that nobody has.
attributes:
  - employee_number
  - first_name
  - last_name
  - email
  - job_title
  - department
  - division
  - location
  - phone_number
  - manager
  - employee_type
  - status
  - hired_on
  - terminated_on

scope:
  include: { employee_type: { in: [employee, apprentice, temporary] } }
  exclude:
    - { email: { starts_with: "meeting-room-" } }
    - { member_of: Exempt from training }

match: [provisioning_guid, employee_number, email, alias]

map:
  email: email
  first_name: first_name
  last_name: last_name
  job_title: job_title
  department: { from: department, table: departments, otherwise: keep }
  division: division
  location: { from: location, table: places, otherwise: keep }
  phone_number: phone_number
  employee_number: employee_number
  manager_email: { from: manager, lookup: email }
  manager_name: { from: manager, lookup: "{first_name} {last_name}" }
  organization: { const: Halden Foods }

tables:
  # The plants write short names, and one of them its old one.
  departments:
    PROD: Production
    W&L: Warehouse & Logistics
    Lager: Warehouse & Logistics
    QA: Quality
    MNT: Maintenance
    FIN: Finance
    HR: People & Culture
  places:
    Lodz: Łódź
    Zurich: Zürich
    Tromso: Tromsø

groups:
  owned: { prefix: "Auto " }
  rules:
    - name: departments
      for_each: department
      put_in: "Auto Dept: {department}"
      at_least: 3

    - name: teams
      for_each: manager_chain
      levels: 1
      put_in: "Auto Team: {leader.first_name} {leader.last_name}"
      at_least: 5

    - name: new hires
      when: { hired_on: { within_last: 45d } }
      put_in: Auto New hires
      expect: { enrolled_in: Welcome to the company, within: 1d }

    - name: leads
      when: { job_title: { starts_with: Head of } }
      put_in: "Auto Role: Heads of department"

    - name: wire transfers
      when:
        department: { in: [Finance, Payroll, Procurement] }
        job_title: { matches: "(?i)payable|payroll|controller|buyer" }
      put_in: "Auto Role: Wire transfers"

    - name: shop floor
      when:
        any:
          - { department: { eq: Production }, job_title: { not: Process Engineer } }
          - { department: { eq: Warehouse & Logistics }, job_title: { in: [Picker, Forklift Driver] } }
      put_in: Auto Shop floor

    - name: privileged
      when: { job_title: { matches: "(?i)administrator|automation engineer" } }
      put_in: "Auto Role: Privileged access"

    - name: privacy course, EU
      cel: >-
        person.location in ["Halden", "Lisbon", "Łódź", "Rotterdam", "Tromsø"]
        && !like(person.job_title, "(?i)^(picker|line operator)$")
      put_in: "Auto Course: Privacy EU"

joiners:
  lead: 3d
  need: [email, first_name, last_name, department]
  otherwise: hold
movers: { leave_old_groups_after: 0d }
leavers:
  when: { any: [{ status: { eq: terminated } }, { account_disabled: { eq: true } }] }
  absent: { archive_after: 2 complete reads }
  wait: 1d
  then: archive
rehires: { then: restore }

guards:
  archive_share: 2%
  group_shrink: 30%
  protected: ["Board & assistants"]
approval:
  auto: [update, member_add]
  one: [create, restore, member_remove, group_create, archive]
  two: [tripped_guard]

tests:
  - name: a clerk of Finance is trained against invoice fraud, and in the department that the table names
    person: { department: FIN, job_title: Accounts Payable Clerk, location: Halden, hired_on: 2026-11-10 }
    at: 2026-11-21
    in: ["Auto Dept: Finance", "Auto Role: Wire transfers", Auto New hires, "Auto Course: Privacy EU"]
    not_in: [Auto Shop floor]
    fields: { department: Finance, organization: Halden Foods }

  - name: after 45 days nobody is new
    person: { hired_on: 2026-11-10 }
    at: 2026-12-26
    not_in: [Auto New hires]

  - name: a picker is on the shop floor and spared the office course
    person: { department: Lager, job_title: Picker, location: Lodz }
    in: ["Auto Dept: Warehouse & Logistics", Auto Shop floor]
    not_in: ["Auto Course: Privacy EU"]

  - name: everybody is in the team of whom they report to
    person: { manager: ines.verne@halden-foods.test }
    others: [{ email: ines.verne@halden-foods.test, first_name: Ines, last_name: Verne }]
    in: ["Auto Team: Ines Verne"]
    fields: { manager_name: Ines Verne }

  - name: a meeting room is nobody
    person: { email: meeting-room-3@halden-foods.test }
    situation: unscoped

  - name: contractors are not trained by us
    person: { employee_type: contractor }
    situation: unscoped

  - name: who has left has left, whatever else the export says
    person: { status: Terminated, employee_type: employee }
    situation: terminated
`;
