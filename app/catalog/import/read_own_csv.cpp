// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>

#include <csv.h>

#include "app/catalog/import/foreign_builder.h"
#include "app/catalog/import/own_csv.h"
#include "app/catalog/import/readers.h"

namespace app {
namespace {

using engine::ErrorKind;
using Row = std::map<QString, QString>; // by column

constexpr std::size_t kMostRows = 1'000'000;

// Rows of a CSV text as libcsv hands them over.
struct Table
{
    QStringList header;
    std::vector<QStringList> rows;
    QStringList line;
    bool full = false;
};

void onField(void *text, std::size_t length, void *table)
{
    static_cast<Table *>(table)->line.append(
        plainCell(QString::fromUtf8(static_cast<const char *>(text), qsizetype(length))));
}

void onRow(int, void *raw)
{
    Table &table = *static_cast<Table *>(raw);
    if (table.header.isEmpty())
        table.header = table.line;
    else if (table.rows.size() < kMostRows)
        table.rows.push_back(table.line);
    else
        table.full = true;
    table.line.clear();
}

engine::Result<Table> parseCsv(const QByteArray &content, const QString &name)
{
    const auto refuse = [&name](const QString &what) {
        return engine::fail(ErrorKind::BadInput, (name + u' ' + what).toStdString());
    };
    csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        return refuse(QStringLiteral("cannot be read: out of memory."));
    Table table;
    const auto size = static_cast<std::size_t>(content.size());
    const bool read =
        csv_parse(&parser, content.constData(), size, onField, onRow, &table) == size &&
        csv_fini(&parser, onField, onRow, &table) == 0;
    csv_free(&parser);
    if (!read)
        return refuse(QStringLiteral("is no CSV after its row %1: a quote is out of place or it "
                                     "was cut off.")
                          .arg(table.rows.size() + 1));
    if (table.full)
        return refuse(QStringLiteral("has more than a million rows."));
    return table;
}

FilePrice *priceOf(ForeignOffer &offer, const FilePrice &wanted)
{
    for (FilePrice &price : offer.offer.prices) {
        if (price.from == wanted.from && price.to == wanted.to)
            return &price;
    }
    offer.offer.prices.push_back(wanted);
    return &offer.offer.prices.back();
}

// Builds a CatalogFile out of rows; the first thing that is wrong stops it.
class CsvReader
{
public:
    explicit CsvReader(ForeignFile *file) : m_file(file) {}

    bool read(const Row &row);
    const QString &problem() const { return m_problem; }

private:
    QString cell(const Row &row, const char *column, const char *fallback = "")
    {
        const auto found = row.find(QLatin1String(column));
        return found == row.end() || found->second.isEmpty() ? QString::fromLatin1(fallback)
                                                             : found->second;
    }
    void complain(const char *column, const char *what)
    {
        if (m_problem.isEmpty())
            m_problem = QStringLiteral("%1 %2").arg(QLatin1String(column), QLatin1String(what));
    }
    std::optional<UnixSeconds> instant(const Row &row, const char *column);
    std::optional<std::int64_t> whole(const Row &row, const char *column);
    FileOrigin origin(const Row &row);
    QString word(const Row &row, const char *column, const std::set<QString> &allowed,
                 const char *fallback);
    ForeignOffer &offer(const Row &row);
    void price(const Row &row, ForeignOffer &offer);
    void limits(const Row &row, ForeignOffer &offer);
    bool hasFigures(const Row &row);

    ForeignFile *m_file;
    std::map<QString, std::size_t> m_offers;
    std::set<QString> m_sources, m_providers;
    QString m_problem;
};

std::optional<UnixSeconds> CsvReader::instant(const Row &row, const char *column)
{
    const QString text = cell(row, column);
    const auto at = text.isEmpty() ? std::nullopt : parseInstant(text);
    if (!text.isEmpty() && !at)
        complain(column, "must be a day or an instant like 2025-02-08T16:00:00Z");
    return at;
}

std::optional<std::int64_t> CsvReader::whole(const Row &row, const char *column)
{
    const QString text = cell(row, column);
    bool number = false;
    const qlonglong value = text.toLongLong(&number);
    if (!text.isEmpty() && (!number || value < 0))
        complain(column, "must be a whole number of 0 or more");
    return number ? std::optional<std::int64_t>(value) : std::nullopt;
}

QString CsvReader::word(const Row &row, const char *column, const std::set<QString> &allowed,
                        const char *fallback)
{
    const QString text = cell(row, column, fallback);
    if (!allowed.contains(text))
        complain(column, "is not one of the words that may stand there");
    return text;
}

FileOrigin CsvReader::origin(const Row &row)
{
    FileOrigin origin;
    origin.source = cell(row, "source");
    origin.locator = cell(row, "source_url");
    origin.date = QDate::fromString(cell(row, "date"), Qt::ISODate);
    origin.confidence =
        word(row, "confidence",
             {QStringLiteral("high"), QStringLiteral("medium"), QStringLiteral("low")}, "medium");
    origin.note = cell(row, "note");
    if (origin.source.isEmpty())
        complain("source", "is missing");
    if (!origin.locator.startsWith(QLatin1String("https://")))
        complain("source_url", "must begin with https://");
    if (!origin.date.isValid() || origin.date.year() < 2020)
        complain("date", "must be a day like 2025-07-03");
    if (m_sources.insert(origin.source).second)
        m_file->names.sources.push_back({.slug = origin.source,
                                         .name = origin.source,
                                         .kind = QStringLiteral("catalog"),
                                         .homepage = origin.locator,
                                         .licence = QStringLiteral("the user's own file"),
                                         .precedence = 50,
                                         .staleAfterDays = 14,
                                         .deadAfterDays = 60});
    return origin;
}

ForeignOffer &CsvReader::offer(const Row &row)
{
    ForeignOffer foreign;
    FileOffer &offer = foreign.offer;
    offer.provider = cell(row, "provider");
    offer.via = cell(row, "via");
    offer.modelId = cell(row, "model_id");
    offer.region = cell(row, "region");
    offer.tier = word(row, "tier",
                      {QStringLiteral("standard"), QStringLiteral("batch"), QStringLiteral("flex"),
                       QStringLiteral("priority"), QStringLiteral("free"), QStringLiteral("fast"),
                       QStringLiteral("subscription")},
                      "standard");
    offer.quantization = cell(row, "quantization", "unknown");
    offer.endpoint = cell(row, "endpoint");
    if (offer.provider.isEmpty())
        complain("provider", "is missing");
    if (offer.modelId.isEmpty())
        complain("model_id", "is missing");
    for (const QString &slug : {offer.provider, offer.via}) {
        if (!slug.isEmpty() && m_providers.insert(slug).second)
            m_file->names.providers.push_back({.slug = slug,
                                               .name = slug,
                                               .kind = QStringLiteral("host"),
                                               .country = {},
                                               .pricingUrl = {}});
    }
    foreign.key = offerKey(offer);
    foreign.source = cell(row, "source");
    foreign.declared = true;
    foreign.modelKey = cell(row, "model");
    if (foreign.modelKey.isEmpty())
        foreign.modelKey = modelKey(offer.modelId);
    const auto [known, fresh] =
        m_offers.emplace(foreign.key + QLatin1Char('\n') + foreign.source, m_file->offers.size());
    if (fresh)
        m_file->offers.push_back(std::move(foreign));
    return m_file->offers[known->second];
}

void CsvReader::price(const Row &row, ForeignOffer &offer)
{
    FilePrice wanted;
    wanted.origin = origin(row);
    wanted.currency = cell(row, "currency", "USD");
    wanted.from = instant(row, "valid_from");
    wanted.to = instant(row, "valid_to");
    wanted.basis =
        word(row, "basis",
             {QStringLiteral("vendor_declared"), QStringLiteral("source_declared"),
              QStringLiteral("first_seen"), QStringLiteral("snapshot"), QStringLiteral("unknown")},
             wanted.from ? "source_declared" : "unknown");
    if (wanted.currency.size() != 3)
        complain("currency", "must have three letters");
    if (wanted.from && wanted.to && *wanted.from >= *wanted.to)
        complain("valid_to", "must be after valid_from");
    FilePrice *price = priceOf(offer, wanted);
    const auto above = whole(row, "above_input_tokens").value_or(0);
    for (const char *component : kComponentNames) {
        const QString text = cell(row, component);
        const auto amount = text.isEmpty() ? std::nullopt : parsePrice(text);
        if (!text.isEmpty() && (!amount || *amount == 0))
            complain(component, "must be a price per million above 0, like 0.55");
        const bool twice = std::any_of(price->components.begin(), price->components.end(),
                                       [&](const FileComponent &known) {
                                           return known.component == QLatin1String(component) &&
                                                  known.aboveInputTokens == above;
                                       });
        if (amount && twice)
            complain(component, "stands twice for one offer, threshold and time");
        if (amount && !twice)
            price->components.push_back({QLatin1String(component), above, {}, *amount, text});
    }
    if (price->components.empty())
        offer.offer.prices.pop_back();
    else
        sortComponents(*price);
}

void CsvReader::limits(const Row &row, ForeignOffer &offer)
{
    const auto context = whole(row, "context_window");
    const auto output = whole(row, "max_output");
    if ((!context && !output) || !offer.offer.limits.empty())
        return;
    FileLimits limits;
    limits.origin = origin(row);
    limits.contextWindow = context;
    limits.maxOutput = output;
    offer.offer.limits.push_back(limits);
}

bool CsvReader::hasFigures(const Row &row)
{
    const auto filled = [&](const char *column) { return !cell(row, column).isEmpty(); };
    return filled("context_window") || filled("max_output") ||
           std::any_of(std::begin(kComponentNames), std::end(kComponentNames), filled);
}

bool CsvReader::read(const Row &row)
{
    // Prices of the hours are exported for people; a schedule is more than one cell can say.
    if (!cell(row, "schedule").isEmpty() || !hasFigures(row))
        return true;
    ForeignOffer &target = offer(row);
    price(row, target);
    limits(row, target);
    return m_problem.isEmpty();
}

} // namespace

bool looksLikeOwnCsv(const QByteArray &content)
{
    QByteArray first = content.left(4096);
    if (first.startsWith("\xef\xbb\xbf"))
        first.remove(0, 3);
    first = first.left(first.indexOf('\n')).trimmed();
    return first.startsWith("provider,") || first.startsWith("\"provider\",");
}

engine::Result<ForeignFile> readOwnCsv(const QByteArray &content, const QString &name)
{
    const bool marked = content.startsWith("\xef\xbb\xbf");
    const auto table = parseCsv(marked ? content.mid(3) : content, name);
    if (!table)
        return tl::make_unexpected(table.error());
    ForeignFile file;
    file.importer = QStringLiteral("paretoscope-csv");
    file.complete = false;
    const auto refuse = [&name](const QString &what) {
        return engine::fail(ErrorKind::BadInput, (name + u' ' + what).toStdString());
    };
    std::set<QString> known;
    for (const char *column : kCsvColumns)
        known.insert(QLatin1String(column));
    for (const QString &column : table->header) {
        if (!known.contains(column))
            ++file.unknownFields[column.left(80)];
    }
    CsvReader reader(&file);
    for (std::size_t i = 0; i < table->rows.size(); ++i) {
        const QStringList &cells = table->rows[i];
        if (cells.size() != table->header.size())
            return refuse(QStringLiteral("row %1 has %2 cells where the header has %3.")
                              .arg(i + 2)
                              .arg(cells.size())
                              .arg(table->header.size()));
        Row row;
        for (qsizetype column = 0; column < cells.size(); ++column)
            row[table->header[column]] = cells[column];
        if (!reader.read(row))
            return refuse(QStringLiteral("row %1: %2.").arg(i + 2).arg(reader.problem()));
    }
    if (file.offers.empty())
        return refuse(QStringLiteral("has no row below its header."));
    file.source = file.offers.front().source;
    return file;
}

} // namespace app
