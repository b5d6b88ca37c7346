"""What failures look like: foreign texts, of any length and with anything in them."""

STACK = (
    '  File "<string>", line 1, in <module>\n',
    '  File "/usr/lib/python3.8/multiprocessing/spawn.py", line 116, in spawn_main\n    exitcode = _main()\n',
    '  File "/app/py/BG_operations/JobScheduler.py", line 60, in run\n    sce.run_in_background()\n',
    '  File "/app/py/API_operations/imports/Import.py", line 188, in do_run\n    self.do_real()\n',
)
"""The lines of a stack trace, as jobs carry them among their errors."""

BAD_FILES = (
    "In [base]/m106/ecotaxa_m106_mn01_n3_sml.tsv:",
    " - Invalid Header 'nounderscorecol'. Format must be Table_Field.",
    " - Invalid Header 'unknown_target'. Unknown table prefix 'unknown'.",
    " - line 3: Invalid float value 'a' for field 'object_buggy_float'.",
    " - line 3: Invalid Lat. value '100' for field 'object_lat'. Correct range is -90/+90°.",
    " - line 6: Missing Image 'm106_mn01_n3_sml_1081.jpg2'.",
    "In [base]/m107/ecotaxa_m107_mn01_n1_sml.tsv:",
    " - line 8: Missing object_id.",
)

NO_FILES = ("No object to import.<br>* No .txt or .tsv file was found, of which name starts with 'ecotaxa'.",)

NASTY_LINES = (
    "<!channel> *bold* `code` ```fence``` <@U1> <#C1> <https://evil.example|press me>",
    " - line 3: Missing Image '<!here>&amp;&<script>alert(1)</script>.jpg'.",
    " - line 4: \u202egnp.exe\u202c \u200b\u200d zero width, \u0645\u0631\u062d\u0628\u0627 right to left",
    "mail someone@private.example, /home/ecotaxa/secret/path, {'password': 'hunter2'}",
)


def sql_error(taxon_id: int, rows: int = 10) -> str:
    """What the database says of a taxon that does not exist, in full: some 3,000 characters."""
    columns = (
        "objid",
        "acquisid",
        "classif_who",
        "classif_id",
        "objtime",
        "latitude",
        "longitude",
        "objdate",
    )
    values = ", ".join(f"%({column})s" for column in columns)
    told = ", ".join(
        f"{{'objid': {500000000 + n}, 'acquisid': 50000001, 'classif_who': 1, 'classif_id': {taxon_id}, "
        f"'objtime': datetime.time(0, 0), 'latitude': 43.{n:04}, 'longitude': 7.{n:04}, "
        f"'objdate': datetime.date(1999, 1, 1), 'classif_qual': 'V', 'orig_id': 'm106_mn01_n1_sml_{n}'}}"
        for n in range(1, rows + 1)
    )
    statement = f"INSERT INTO obj_head ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 - told, never run
    lines = (
        '(psycopg2.errors.ForeignKeyViolation) insert or update on table "obj_head" violates foreign key '
        'constraint "obj_head_classif_id_fkey"',
        f'DETAIL:  Key (classif_id)=({taxon_id}) is not present in table "taxonomy".',
        "",
        f"[SQL: {statement}]",
        f"[parameters: ({told})]",
        "(Background on this error at: https://sqlalche.me/e/14/gkpj)",
    )
    return "\n".join(lines)
