"""Reads the exports as those who make charts do, with pandas and DuckDB, and holds them to the API.

The register is at SCHAKEL_URL, with the key SCHAKEL_KEY; the argument is an empty folder for the files.
"""

import json
import os
import pathlib
import sys
import urllib.parse
import urllib.request
import zipfile

import duckdb
import pandas

BASE = os.environ["SCHAKEL_URL"] + "/api/v1"
FOLDER = pathlib.Path(sys.argv[1])
COLLECTIONS = ["organisations", "regions", "projects", "people", "themes"]


def get(path, key=None):
    request = urllib.request.Request(BASE + path)
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def crawl(path):
    """The documents of a list, page by page."""
    documents = []
    while path:
        page = json.loads(get(path))
        documents += page["items"]
        path = page.get("next", "").removeprefix(BASE)
    return documents


def meant(cell):
    """The text that a cell means: without the apostrophe that keeps it from being a formula."""
    if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r"):
        return cell[1:]
    return cell


def value(document, path):
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def same(cell, expected):
    """Whether a cell of pandas holds a value of JSON."""
    if expected is None:
        return pandas.isna(cell)
    if isinstance(cell, pandas.Timestamp):
        cell = cell.date().isoformat()
    return meant(cell) == expected


def check(name, frame, documents, columns):
    """Each document is there, and its members are those of the API."""
    firsts = frame.drop_duplicates("id").set_index("id")
    assert len(firsts) == len(documents), f"{name}: {len(firsts)} rows, {len(documents)} documents"
    for document in documents:
        row = firsts.loc[document["id"]]
        for column in columns:
            expected = value(document, column.split("."))
            assert same(row[column], expected), f"{name} {document['slug']} {column}: {row[column]!r}, {expected!r}"


def check_lists():
    own = {
        "organisations": ["slug", "name", "kind", "isPlaceholder", "website", "summary", "version", "updatedAt"],
        "regions": ["slug", "name", "kind", "summary", "version"],
        "projects": ["slug", "name", "kind", "status", "objective.text", "minimumAge", "version", "createdAt"],
        "people": ["slug", "name.family", "displayName", "isErased", "version"],
        "themes": ["slug", "label", "definition", "version"],
    }
    counted = 0
    for collection in COLLECTIONS:
        documents = crawl(f"/{collection}?limit=100")
        for form, read in [("csv", pandas.read_csv), ("xlsx", pandas.read_excel)]:
            path = FOLDER / f"{collection}.{form}"
            path.write_bytes(get(f"/{collection}?format={form}"))
            frame = read(path)
            check(f"{collection}.{form}", frame, documents, own[collection])
            if form == "csv":
                # As DuckDB reads it by itself.
                ids = duckdb.sql(f"SELECT count(DISTINCT id) FROM read_csv('{path}')").fetchall()[0][0]
                assert ids == len(documents), f"{collection}: DuckDB counts {ids}"
            counted += len(documents)
    assert counted > 100, counted


def check_relations():
    """The rows of a list are its items."""
    frame = pandas.read_csv(FOLDER / "projects.csv")
    for document in crawl("/projects?limit=100"):
        rows = frame[frame["id"] == document["id"]]
        told = rows["participants.role"].dropna().tolist()
        assert told == [participant["role"] for participant in document["participants"]], document["slug"]


def check_search():
    q = urllib.parse.quote("jeugdhulp")
    hits = crawl(f"/search?q={q}&sort=name&limit=100")
    for form, read in [("csv", pandas.read_csv), ("xlsx", pandas.read_excel)]:
        path = FOLDER / f"search.{form}"
        path.write_bytes(get(f"/search?q={q}&sort=name&format={form}"))
        frame = read(path)
        assert frame["id"].tolist() == [hit["id"] for hit in hits], form
        assert frame["name"].map(meant).tolist() == [hit["name"] for hit in hits], form
    assert len(hits) > 5, len(hits)


def check_stats():
    path = FOLDER / "stats.xlsx"
    path.write_bytes(get("/stats?type=projects&groupBy=kind&format=xlsx"))
    frame = pandas.read_excel(path)
    items = json.loads(get("/stats?type=projects&groupBy=kind"))["items"]
    told = [[item["kind"], item["count"]] for item in items]
    assert frame[["kind", "count"]].values.tolist() == told, frame


def check_package(key, name):
    path = FOLDER / f"{name}.zip"
    path.write_bytes(get("/exports/register", key))
    folder = FOLDER / name
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        package.extractall(folder)
    described = json.loads((folder / "datapackage.json").read_text())
    frames = {}
    for resource in described["resources"]:
        file = folder / resource["path"]
        frame = pandas.read_csv(file)
        assert len(frame) == resource["schakel:count"], resource["name"]
        assert list(frame.columns) == [field["name"] for field in resource["schema"]["fields"]], resource["name"]
        rows = duckdb.sql(f"SELECT count(*) FROM read_csv('{file}', header = true, all_varchar = true)").fetchall()[0][0]
        assert rows == len(frame), f"{resource['name']}: DuckDB counts {rows}"
        frames[resource["name"]] = frame
    documents = [json.loads(line) for line in (folder / "documents.ndjson").read_text().splitlines()]
    assert len(documents) == described["schakel:documents"]["count"]
    for collection in COLLECTIONS:
        expected = {document["id"] for document in documents if document["type"] == collection}
        assert set(frames[collection]["id"]) == expected, collection
        if key is None:
            assert expected == {document["id"] for document in crawl(f"/{collection}?limit=100")}, collection
    # What a chart of participants by organisation would join.
    joined = frames["projects-participants"].merge(
        frames["organisations"], left_on="participants.organisation", right_on="id", how="inner"
    )
    named = [
        participant
        for document in documents
        if document["type"] == "projects"
        for participant in document["participants"]
        if participant.get("organisation")
    ]
    assert len(joined) == len(named) > 10, (len(joined), len(named))


check_lists()
check_relations()
check_search()
check_stats()
check_package(None, "package")
check_package(os.environ["SCHAKEL_KEY"], "all")
print("the exports hold what the API says")
