// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/row_writer.h"

namespace app::database {

Statement *RowWriter::query(const char *sql, const QVariantList &values)
{
    if (m_error)
        return nullptr;
    auto &statement = m_statements[sql];
    if (!statement)
        statement = std::make_unique<Statement>(m_database, QString::fromUtf8(sql));
    if (auto done = statement->run(values); !done) {
        m_error = done.error();
        return nullptr;
    }
    return statement.get();
}

void RowWriter::run(const char *sql, const QVariantList &values)
{
    if (Statement *statement = query(sql, values))
        statement->query().finish();
}

qint64 RowWriter::returning(const char *sql, const QVariantList &values)
{
    Statement *statement = query(sql, values);
    if (!statement)
        return 0;
    const qint64 value = statement->query().next() ? statement->query().value(0).toLongLong() : 0;
    statement->query().finish();
    return value;
}

engine::Result<void> RowWriter::result() const
{
    if (m_error)
        return tl::make_unexpected(*m_error);
    return {};
}

} // namespace app::database
