"""Engines: each takes typed rows as a table, and writes what a statement finds as its users would."""

import glob
import os
import pathlib
import shutil
import subprocess
import tempfile

from rows import AMOUNT, BOOLEAN, COLUMNS, INTEGER, TIME, write_csv

ZONE = "America/New_York"


class Missing(Exception):
    """The engine cannot be had here."""


def parquet(rows, path, amounts):
    import pyarrow
    import pyarrow.parquet

    kinds = {
        TIME: pyarrow.timestamp("us", tz="UTC"), INTEGER: pyarrow.int64(), BOOLEAN: pyarrow.bool_(),
        AMOUNT: pyarrow.float64() if amounts == "float" else pyarrow.decimal128(38, 18),
    }
    schema = pyarrow.schema([(name, kinds.get(kind, pyarrow.string())) for name, kind in COLUMNS.items()])
    # Spark's reader of snappy takes a machine that has musl beside glibc for one that has nothing else.
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), path, compression="none")


class Duckdb:
    dialect = "duckdb"

    def __init__(self, folder):
        try:
            import duckdb
        except ImportError as error:
            raise Missing(error) from error
        self.folder = folder
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = 2; SET TimeZone = '{ZONE}'")

    def load(self, name, rows, amounts):
        path = self.folder / f"{name}-duckdb.parquet"
        parquet(rows, path, amounts)
        self.connection.execute(f"CREATE OR REPLACE TABLE \"{name}\" AS FROM '{path}'")

    def execute(self, statement):
        self.connection.execute(statement)

    def save(self, statement, path):
        statement = statement.rstrip().removesuffix(";")
        self.connection.execute(f"COPY ({statement}\n) TO '{path}' (FORMAT csv, HEADER)")

    def close(self):
        self.connection.close()


class Chdb:
    dialect = "clickhouse"

    def __init__(self, folder):
        try:
            from chdb import session
        except ImportError as error:
            raise Missing(error) from error
        self.folder = folder
        self.session = session.Session(str(folder / "chdb"))
        self.session.query("CREATE DATABASE IF NOT EXISTS calls")
        self.session.query("USE calls")
        self.session.query(f"SET session_timezone = '{ZONE}'")

    def load(self, name, rows, amounts):
        path = self.folder / f"{name}-chdb.parquet"
        parquet(rows, path, amounts)
        self.session.query(f"DROP TABLE IF EXISTS `{name}`")
        self.session.query(f"CREATE TABLE `{name}` ENGINE = Memory AS SELECT * FROM file('{path}', Parquet)")

    def execute(self, statement):
        self.session.query(statement)

    def save(self, statement, path):
        pathlib.Path(path).write_bytes(self.session.query(statement, "CSVWithNames").bytes())

    def close(self):
        self.session.close()


class Spark:
    dialect = "spark"

    def __init__(self, folder):
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise Missing(error) from error
        if not shutil.which("java"):
            raise Missing("there is no java: openjdk-17-jre-headless")
        self.folder = folder
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        settings = {
            "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "2g",
            "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.sql.session.timeZone": ZONE,
            "spark.sql.warehouse.dir": str(folder / "spark"),
            "spark.driver.extraJavaOptions": f"-Duser.timezone={ZONE}",
        }
        builder = SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.spark = builder.getOrCreate()
        self.spark.sparkContext.setLogLevel("OFF")

    def load(self, name, rows, amounts):
        path = self.folder / f"{name}-spark.parquet"
        parquet(rows, path, amounts)
        self.spark.read.parquet(str(path)).createOrReplaceTempView(name)

    def execute(self, statement):
        self.spark.sql(statement)

    def save(self, statement, path):
        folder = tempfile.mkdtemp(dir=self.folder)
        rows = self.spark.sql(statement).coalesce(1).write.mode("overwrite").option("header", True).option("escape", '"')
        rows = rows.option("emptyValue", "").option("ignoreLeadingWhiteSpace", False)
        rows.option("ignoreTrailingWhiteSpace", False).csv(folder)
        (part,) = glob.glob(f"{folder}/*.csv")
        shutil.move(part, path)

    def close(self):
        self.spark.stop()


class Datafusion:
    dialect = "datafusion"

    def __init__(self, folder):
        try:
            import datafusion
        except ImportError as error:
            raise Missing(error) from error
        self.folder = folder
        config = datafusion.SessionConfig().with_target_partitions(2)
        config = config.set("datafusion.execution.time_zone", ZONE).set("datafusion.sql_parser.enable_ident_normalization", "true")
        self.context = datafusion.SessionContext(config)

    def load(self, name, rows, amounts):
        path = self.folder / f"{name}-datafusion.parquet"
        parquet(rows, path, amounts)
        self.context.register_parquet(name, str(path))

    def execute(self, statement):
        self.context.sql(statement).collect()

    def save(self, statement, path):
        import pyarrow
        import pyarrow.csv

        table = self.context.sql(statement).to_arrow_table()
        # The writer knows no views of texts.
        table = table.cast(pyarrow.schema([(name, pyarrow.string()) for name in table.column_names]))
        pyarrow.csv.write_csv(table, path)

    def close(self):
        pass


class Postgres:
    dialect = "postgres"

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            raise Missing("there is no /usr/lib/postgresql: the package postgresql")
        self.programs = pathlib.Path(found[-1])
        # The server does not run as root, and the path of its socket must be short.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bw-pg-"))
        self.as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        if self.as_user:
            shutil.chown(self.folder, "nobody", "nogroup")
        data = self.folder / "data"
        self.run("initdb", "--pgdata", data, "--username", "calls", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8",
                 "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off -c timezone={ZONE}"
        self.run("pg_ctl", "--pgdata", data, "--wait", "--log", self.folder / "log", "--options", settings, "start")

    def run(self, program, *words):
        subprocess.run([*self.as_user, self.programs / program, *words], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def variables(self):
        """By which its clients find it."""
        return {"PGHOST": str(self.folder), "PGUSER": "calls", "PGDATABASE": "postgres"}

    def psql(self, *words, text=None):
        command = [self.programs / "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, env=os.environ | self.variables())
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def load(self, name, rows, amounts):
        kinds = {
            TIME: "TIMESTAMPTZ", INTEGER: "BIGINT", BOOLEAN: "BOOLEAN",
            AMOUNT: "DOUBLE PRECISION" if amounts == "float" else "NUMERIC",
        }
        columns = ", ".join(f'"{column}" {kinds.get(kind, "TEXT")}' for column, kind in COLUMNS.items())
        self.psql(text=f'DROP TABLE IF EXISTS "{name}"; CREATE TABLE "{name}" ({columns});')
        path = self.folder / f"{name}.csv"
        write_csv(rows, path)
        self.psql("--command", f"\\copy \"{name}\" FROM '{path}' (FORMAT csv, HEADER)")

    def execute(self, statement):
        self.psql(text=statement)

    def save(self, statement, path):
        file = self.folder / "rollup.sql"
        file.write_text(statement, encoding="utf-8")
        self.psql("--csv", "--file", file, "--output", path)

    def close(self):
        self.run("pg_ctl", "--pgdata", self.folder / "data", "--mode", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


ENGINES = {"duckdb": Duckdb, "chdb": Chdb, "spark": Spark, "datafusion": Datafusion, "postgres": Postgres}
